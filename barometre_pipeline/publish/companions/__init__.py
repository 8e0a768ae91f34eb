"""What comes with the numbers, so that they are read without us: tables, texts and descriptions, a module a kind.

`tables` makes in the build what is published beside its marts, `comparison` what changed since the edition before. A
kind of file (`news`, `method`, `datapackage`, `archive`) is a function of the `contents`; `news` tells
of `commitments` too, `datapackage` lists the tables whose `schemas` are beside it, and `chapters` are the README's.
"""

from functools import partial

from barometre_pipeline.publish.companions.archive import archive
from barometre_pipeline.publish.companions.chapters import chapters
from barometre_pipeline.publish.companions.contents import Begun, Companion, Companions
from barometre_pipeline.publish.companions.datapackage import datapackage
from barometre_pipeline.publish.companions.method import method
from barometre_pipeline.publish.companions.news import news

__all__ = ["companions_of"]


def companions_of(with_zip: bool, begun: tuple[Begun, ...] = ()) -> Companions:
    """Return all that comes with the data, the zip of the official tree too where it is wanted, and what is `begun`."""
    kinds: tuple[Companion, ...] = (news, method, datapackage, *([archive] if with_zip else []))
    return Companions(kinds, begun, partial(chapters, with_archive=with_zip))
