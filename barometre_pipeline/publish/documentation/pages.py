"""The Markdown pages of the documentation, each from a template: every heading is there, even above nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.documents.markdown import in_link, in_markdown
from barometre_pipeline.documents.templates import Templates
from barometre_pipeline.editions import Edition
from barometre_pipeline.french import day
from barometre_pipeline.publish.documentation.book import book
from barometre_pipeline.publish.documentation.commitments import by_institution, counts, lateness, movement
from barometre_pipeline.publish.documentation.dialogue import (
    commitment_link,
    discussion_link,
    question_link,
    suggestion_link,
)
from barometre_pipeline.publish.documentation.facts import Facts, read_facts
from barometre_pipeline.publish.documentation.figures import Figures, read_figures, shown_levels_in_words
from barometre_pipeline.publish.documentation.markdown import declared
from barometre_pipeline.publish.documentation.pdf import as_pdf
from barometre_pipeline.publish.documentation.words import (
    CALENDRIERS,
    DOCUMENTATION,
    METADATA,
    STATUTS,
    UNSAID,
    origin_in_words,
    warnings,
)
from barometre_pipeline.publish.tree.wording import in_a_title
from barometre_pipeline.slugs import portable

FOLDER = "documentation"


def pdf_path(catalogue: Catalogue) -> str:
    """Return the path of the PDF in the publication."""
    return f"{FOLDER}/{catalogue.general.prefixe}-documentation.pdf"


@dataclass(frozen=True)
class DocumentationData:
    """What an edition's documentation is made of: plain data, which a process of its own is given whole."""

    catalogue: Catalogue
    edition: Edition
    facts: Facts
    figures: Mapping[str, Sequence[Figures]]
    demonstration: bool


def read_documentation(
    connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, edition: Edition, demonstration: bool
) -> DocumentationData:
    """Read what the documentation of the edition in this warehouse is made of."""
    return DocumentationData(
        catalogue, edition, read_facts(connection), read_figures(connection, catalogue), demonstration
    )


def documentation_pages(data: DocumentationData) -> Iterator[tuple[str, bytes]]:
    """Yield the PDF and each page, by its path in the publication."""
    catalogue, edition, facts = data.catalogue, data.edition, data.facts
    yield pdf_path(catalogue), as_pdf(book(catalogue, edition, facts, data.figures, data.demonstration), edition)
    shown = {"catalogue": catalogue, "edition": edition, "facts": facts, "discussion": discussion_link(catalogue)}
    shown |= {"levels": {m.id: in_a_title(m) for m in catalogue.mailles}}
    for template, path, more in _pages(catalogue, edition, facts):
        text = TEMPLATES.render(template, **(dict.fromkeys(_OF_ONE_PAGE) | shown | more))
        yield f"{FOLDER}/{path}", text.encode()


def _pages(catalogue: Catalogue, edition: Edition, facts: Facts) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the template, the path and the own values of each page."""
    citizens = catalogue.indicateurs_citoyens
    yield (
        "index.md",
        "index.md",
        {
            "sectors": catalogue.by_secteur,
            "citizens": citizens,
            "pdf": pdf_path(catalogue).rpartition("/")[2],
            "pdf_levels": shown_levels_in_words(catalogue),
        },
    )
    yield "lexique.md", "lexique.md", {"terms": _lexicon(catalogue)}
    suggestion = {"citizens": citizens, "suggestion": suggestion_link(catalogue)}
    yield "indicateurs-citoyens.md", "indicateurs-citoyens.md", suggestion
    for mesure in catalogue.mesures_ordonnees:
        own = {
            "mesure": mesure,
            "secteur": catalogue.secteur_of[mesure.id].libelle,
            "questions": {i.id: question_link(catalogue, edition, i.id) for i in mesure.indicateurs},
            "warnings": {i.id: list(warnings(i.id, edition, facts)) for i in mesure.indicateurs},
            "contacts": {i.id: catalogue.contact_of(i.id) for i in mesure.indicateurs},
            "metadata": METADATA,
        }
        yield "mesure.md", f"mesures/{portable(mesure.id)}.md", own
    if facts.engagements:
        rows = facts.engagements
        told = {"statut": counts(rows, "statut", STATUTS), "calendrier": counts(rows, "calendrier", CALENDRIERS)}
        yield "engagements.md", "engagements.md", {"institutions": by_institution(rows), "counts": told}
    for row in facts.engagements:
        described = {e.id: e for e in catalogue.engagements}.get(row["id_engagement"])
        own = {
            "row": row,
            "engagement": described,
            "actions": facts.actions.get(row["id_engagement"], []),
            "question": commitment_link(catalogue, edition, row["id_engagement"], row["libelle"]),
        }
        yield "engagement.md", f"engagements/{portable(row['id_engagement'])}.md", own


def _lexicon(catalogue: Catalogue) -> list[tuple[str, list[tuple[str, list[Any]]]]]:
    """Return each term in alphabetical order, with its definitions and the policies that each is of."""
    terms: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for mesure in catalogue.mesures_ordonnees:
        for indicateur in mesure.indicateurs:
            for term, definition in (indicateur.lexique or {}).items():
                if mesure not in terms[term][definition]:
                    terms[term][definition].append(mesure)
    return [(term, list(terms[term].items())) for term in sorted(terms, key=lambda t: portable(t).lower())]


# What only some of the templates are given.
_OF_ONE_PAGE = (
    *(
        "sectors",
        "citizens",
        "terms",
        "suggestion",
        "mesure",
        "secteur",
        "questions",
        "warnings",
        "contacts",
        "metadata",
    ),
    *("pdf", "pdf_levels", "institutions", "counts", "row", "engagement", "actions", "question"),
)
TEMPLATES = Templates(
    Path(__file__).with_name("templates"),
    given=("catalogue", "edition", "facts", "discussion", "levels", *_OF_ONE_PAGE),
    filters={
        "cell": in_markdown,
        "address": in_link,
        "declared": declared,
        "day": day,
        "portable": portable,
        "origin": origin_in_words,
        "one_line": lambda text: " ".join(text.split()),
        "documentation": lambda statut: DOCUMENTATION.get(statut, "non renseignée"),
        "statut": lambda word: STATUTS.get(word, UNSAID),
        "lateness": lateness,
        "movement": movement,
        "calendrier": lambda word: CALENDRIERS.get(word, UNSAID),
    },
    autoescape=False,
)
