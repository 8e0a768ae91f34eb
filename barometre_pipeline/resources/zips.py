"""Members of a zip without a date: the same contents give the same bytes, whenever and wherever they are written.

Which members, in which order, is for those who write the zip; reading those that others made is in `formats.archives`.
"""

from __future__ import annotations

import zipfile

EPOCH = (1980, 1, 1, 0, 0, 0)  # the first date that a zip can hold
_UNIX = 3


def add_member(
    archive: zipfile.ZipFile, name: str, content: bytes, *, method: int = zipfile.ZIP_DEFLATED, mode: int = 0o100644
) -> None:
    """Add a member, undated; `mode` is its type and rights in Unix's terms: by default a file that anybody may read."""
    member = zipfile.ZipInfo(name, EPOCH)
    member.create_system, member.external_attr = _UNIX, mode << 16
    member.compress_type = method
    archive.writestr(member, content)
