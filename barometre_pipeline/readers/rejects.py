"""Rows and cells kept aside, with their place, their reason and what could be understood of them."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa

from barometre_pipeline.formats.sheets import Sheet
from barometre_pipeline.readers.cells import Problem
from barometre_pipeline.readers.rows import REJETS

_LONGEST = 200  # characters of a cell's text


class Rejects:
    """What a delivery has that cannot be taken; becomes a table of the REJETS schema."""

    def __init__(self) -> None:
        self._rows: list[tuple] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(
        self,
        sheet: Sheet,
        line: int | None,
        heading: str | None,
        problem: Problem,
        key: tuple[str | None, str | None, str | None, dt.date | None] = (None, None, None, None),
    ) -> None:
        """Keep one row or cell aside; `key` is (indicateur, maille, territoire, date), as far as understood."""
        content = problem.contenu[:_LONGEST]
        subject = f"« {content} »" if content else "La cellule"
        where = f" (colonne « {heading} »)" if heading else ""
        reason = f"{subject} {problem.raison}{where}."
        place = (sheet.source.livraison.id, sheet.source.fichier, sheet.feuille, line)
        self._rows.append((*place, heading, problem.regle, content, reason, *key))

    def table(self) -> pa.Table:
        """Return everything kept aside, in the order in which it was met."""
        columns = zip(*self._rows, strict=True) if self._rows else [[]] * len(REJETS)
        return pa.table([pa.array(c, f.type) for c, f in zip(columns, REJETS, strict=True)], schema=REJETS)
