"""What the portal's readers read, in French: the dataset's description, titles and descriptions of its resources.

Each says which barometer and which edition it is of, and what it holds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.editions import Edition
from barometre_pipeline.publish.tree.schema import Schema
from barometre_pipeline.publish.tree.wording import whole_and_parts
from barometre_pipeline.publish.withdrawals import NEWS

_WITHDRAWAL = re.compile(
    r"\s*# Nouveautés\s*\n## Retrait de la publication (\S+)\s*\nMotif\s*: *(.+?)\s*(?:\n\s*\n|\n#|\Z)", re.DOTALL
)


@dataclass(frozen=True)
class Texts:
    """The texts of one edition, of the catalogue's barometer."""

    catalogue: Catalogue
    edition: Edition

    def title(self, content: str, form: str = "") -> str:
        """Return a resource's title: « Baromètre – 2022-T1 – Synthèse, départements (CSV) »."""
        # CSV is an acronym, Parquet a name.
        written = f" ({form.upper() if len(form) < 5 else form.capitalize()})" if form else ""
        return f"{self.catalogue.general.titre} – {self.edition} – {content}{written}"

    def description(self, content: str, sentences: str) -> str:
        """Return a resource's description, from a title and sentences."""
        return f"{content}. {sentences.strip().rstrip('.')}. {self.catalogue.general.titre}, édition {self.edition}."

    def level(self, maille: str) -> str:
        """Return what the territories of a level are called; the whole by its name."""
        level, whole = self.catalogue.maille(maille), self.catalogue.territoire_racine
        return level.libelle_pluriel if level.parent else whole.libelle

    def dataset(self, schema: Schema, start: date, withdrawn: str) -> str:
        """Return the dataset's description, in Markdown; `withdrawn` is a withdrawal's sentence, "" without one."""
        general, tables = self.catalogue.general, [t for t in schema.tables.values() if t.partition]
        paragraphs = (
            f"{general.titre}, édition {self.edition} : les valeurs des indicateurs des politiques publiques suivies "
            f"et les cibles qu'ils visent, {whole_and_parts(self.catalogue.mailles)}, du {start:%d/%m/%Y} au "
            f"{self.edition.end:%d/%m/%Y}.",
            f"**{withdrawn}**" if withdrawn else "",
            "\n".join(f"- {table.titre} : {table.description.strip()}" for table in tables),
            f"Producteur : {general.producteur}. Une nouvelle édition paraît chaque trimestre.",
        )
        return "\n\n".join(filter(None, paragraphs))


def withdrawal(files: Path) -> str:
    """Return the sentence of the withdrawal that the news of a tree begin with: which publication, why; "" without."""
    try:
        text = (files / NEWS).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    if not (found := _WITHDRAWAL.match(text)):
        return ""
    reason = re.sub(r"\s*\n\s*", " ", found[2])
    return f"Retrait de la publication {found[1]} : {reason}"
