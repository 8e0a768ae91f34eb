"""The documentation, one of the kinds of files that come with the numbers; its pages are `publish.documentation`'s."""

from __future__ import annotations

from collections.abc import Iterator

from barometre_pipeline.publish.companions.contents import Contents
from barometre_pipeline.publish.documentation.pages import documentation_pages


def documentation(contents: Contents) -> Iterator[tuple[str, bytes]]:
    """Yield the PDF and each page of the documentation, by its path in the publication."""
    demonstration = contents.provenance.demonstration
    yield from documentation_pages(contents.connection, contents.catalogue, contents.edition, demonstration)
