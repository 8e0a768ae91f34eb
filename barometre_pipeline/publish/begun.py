"""What is begun while the data files are being written: the documentation and the site, each in its process.

A small edition's are made here and now, which takes less than the start of a process.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from barometre_pipeline.publish.apart import Data, Files, made_apart
from barometre_pipeline.publish.companions.contents import Contents
from barometre_pipeline.publish.documentation.pages import documentation_pages, read_documentation
from barometre_pipeline.publish.site.making import made_site
from barometre_pipeline.publish.site.reading import read_site

progress = logging.getLogger("barometre.publish")

_FEW = 2000  # rows of the data files: what is made of them takes less time than a process needs to import what makes it


def site_begun(contents: Contents) -> Callable[[], Files]:
    """Read what the site shows, and have it made."""
    data = read_site(contents)
    if data.catalogue.theme and data.provenance.demonstration:
        progress.info("the figures are fictitious: their site keeps the neutral theme, without the State's marks")
    return _begun(made_site, data, contents, "The site")


def documentation_begun(contents: Contents) -> Callable[[], Files]:
    """Read what the documentation says of the figures, and have its PDF and its pages made."""
    demonstration = contents.provenance.demonstration
    data = read_documentation(contents.connection, contents.catalogue, contents.edition, demonstration)
    return _begun(documentation_pages, data, contents, "The documentation")


def _begun(make: Callable[[Data], Files], data: Data, contents: Contents, what: str) -> Callable[[], Files]:
    if sum(file.rows for file in contents.plan.files if "/" not in file.path) <= _FEW:
        return lambda: make(data)
    return made_apart(make, data, what)
