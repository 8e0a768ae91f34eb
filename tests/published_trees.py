"""Small trees that stand for a built edition: every file that publishing needs, with made-up contents."""

from __future__ import annotations

from pathlib import Path

from barometre_pipeline.catalogue import DEFAULT_CATALOGUE, load_catalogue
from barometre_pipeline.publish.tree.layout import main_files
from barometre_pipeline.publish.tree.schema_file import public_schema

CATALOGUE = load_catalogue(DEFAULT_CATALOGUE)
SCHEMA = public_schema(CATALOGUE.mailles)


def write_tree(folder: Path, content: str, only: str = "") -> Path:
    """Write the main files, the notices and two more; `content` goes in those whose path has `only`."""
    paths = [f.path for form in ("csv", "json", "xlsx") for f in main_files(CATALOGUE, SCHEMA, form)]
    paths += ["README.md", "LICENCE.md", "departements/detail/a-01.csv", "departements/detail/a-2A.csv"]
    for path in paths:
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{path},{content if only in path else ''}\n", encoding="utf-8")
    return folder
