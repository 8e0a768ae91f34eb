"""Writes docs/ again, but for what people write there, and the file of the lineage (`make docs`)."""

import sys
from pathlib import Path

from barometre_pipeline.resources.atomic import write_file
from barometre_pipeline.sql_lineage import FILE, written
from barometre_pipeline.sql_models import read_models
from barometre_pipeline.warehouse.definition import Definition
from barometre_pipeline.warehouse.documentation.lineage import found_lineage, lineage_page
from barometre_pipeline.warehouse.documentation.pages import written_pages

if __name__ == "__main__":
    folder, models = Path(sys.argv[1]), read_models()
    found = found_lineage(models)
    write_file(FILE, written(models, found))
    guide = (folder / "analystes.md").read_text(encoding="utf-8")
    pages = written_pages(Definition.read(), guide) | {"lignage.md": lineage_page(models, found)}
    for name, content in pages.items():
        write_file(folder / name, content)
