"""From which columns each column of a model is computed, as `make docs` found it in the SQL.

Finding it takes seconds: runs read the file `lignage.json` that stands beside the models. Of a model whose text changed
since, it says nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from barometre_pipeline.package_files import SQL_FOLDER
from barometre_pipeline.sql_models import SqlModel

FILE = SQL_FOLDER / "lignage.json"

# The columns, as `table.column`, that each column of a model is computed from.
Lineage = Mapping[str, Sequence[str]]


def text_identity(model: SqlModel) -> str:
    """Return what tells a text of a model from another."""
    return hashlib.sha256(model.sql.encode()).hexdigest()[:12]


def written(models: Iterable[SqlModel], found: Mapping[str, Lineage]) -> str:
    """Return what the file is to hold."""
    content = {m.name: {"texte": text_identity(m), "colonnes": found[m.name]} for m in models}
    lines = (f'"{name}": {json.dumps(content[name], ensure_ascii=False)}' for name in sorted(content))
    return "{\n" + ",\n".join(lines) + "\n}\n"


def read_lineage(models: Iterable[SqlModel], file: Path = FILE) -> dict[str, Lineage]:
    """Return the lineage of the models whose text is the one that it was found in."""
    try:
        known = json.loads(file.read_text("utf-8"))
    except OSError:
        return {}
    return {
        m.name: known[m.name]["colonnes"]
        for m in models
        if m.name in known and known[m.name]["texte"] == text_identity(m)
    }
