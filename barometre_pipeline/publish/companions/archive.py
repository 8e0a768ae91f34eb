"""`{p}-data.zip`: the data files of the official tree, in their folders; the same files give the same bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.publish.companions.contents import Contents
from barometre_pipeline.resources.zips import add_member

_COMPRESSED = (".xlsx",)
_LEVEL = 4  # a third faster than the usual one, and a fortieth larger


def archive_path(catalogue: Catalogue) -> str:
    """Return the path of the zip in a tree."""
    return f"{catalogue.general.prefixe}-data.zip"


def archive(contents: Contents) -> Iterator[tuple[str, memoryview]]:
    """Yield the zip of the files by level that stand written: those of whole tables stay beside it."""
    official = (f.path for f in contents.plan.files if any(part.maille for _, part, _ in f.parts))
    yield archive_path(contents.catalogue), zipped(contents.folder, official)


def zipped(folder: Path, paths: Iterable[str]) -> memoryview:
    """Return a zip of these files of a folder, sorted and undated."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compresslevel=_LEVEL) as whole:
        for path in sorted(paths):
            method = zipfile.ZIP_STORED if path.endswith(_COMPRESSED) else zipfile.ZIP_DEFLATED
            add_member(whole, path, (folder / path).read_bytes(), method=method)
    return content.getbuffer()
