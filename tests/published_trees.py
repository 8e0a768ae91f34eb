"""Small trees that stand for a built edition: every file that publishing needs, with made-up contents."""

from __future__ import annotations

from pathlib import Path

from barometre_pipeline.builds import SUMS
from barometre_pipeline.catalogue import DEFAULT_CATALOGUE, load_catalogue
from barometre_pipeline.publish.companions.schemas import schema_path
from barometre_pipeline.publish.tree.layout import main_files
from barometre_pipeline.publish.tree.schema_file import public_schema
from barometre_pipeline.resources.deliveries import sha256_of

CATALOGUE = load_catalogue(DEFAULT_CATALOGUE)
SCHEMA = public_schema(CATALOGUE.mailles)


def write_tree(folder: Path, content: str, only: str = "") -> Path:
    """Write the main files, the notices and two more; `content` goes in those whose path has `only`."""
    paths = [f.path for form in ("csv", "json", "xlsx", "parquet") for f in main_files(CATALOGUE, SCHEMA, form)]
    paths += ["README.md", "LICENCE.md", "departements/detail/a-01.csv", "departements/detail/a-2A.csv"]
    csv = main_files(CATALOGUE, SCHEMA, "csv")
    paths += [schema_path(SCHEMA, part) for f in csv for _, part, _ in f.parts]
    for path in paths:
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{path},{content if only in path else ''}\n", encoding="utf-8")
    return summed(folder)


def summed(folder: Path) -> Path:
    """Write the checksums of a tree, which say what its files are."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != SUMS)
    lines = (f"{sha256_of(p)}  {p.relative_to(folder).as_posix()}\n" for p in files)
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")
    return folder
