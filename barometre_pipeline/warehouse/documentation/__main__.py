"""Writes docs/entrepot.md, docs/entrepot.svg and the questions of docs/analystes.md again (`make docs`)."""

import sys
from pathlib import Path

from barometre_pipeline.resources.atomic import write_file
from barometre_pipeline.warehouse.definition import Definition
from barometre_pipeline.warehouse.documentation.pages import written_pages

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    guide = (folder / "analystes.md").read_text(encoding="utf-8")
    for name, content in written_pages(Definition.read(), guide).items():
        write_file(folder / name, content)
