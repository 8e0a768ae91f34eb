"""Zips, and the workbooks that are zips: opened only after nothing in them can harm.

Refused: escaping paths, encryption, members named twice, more than 500 MB once unpacked, a content that is
not what its checksum says. What the members hold is the formats' business.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from barometre_pipeline.catalogue import Livraison
from barometre_pipeline.errors import ReadingError
from barometre_pipeline.readers.sheets import Source, clean, closest

MAX_UNPACKED = 500_000_000  # bytes
_MAX_MEMBERS = 20_000
_CHUNK = 1 << 20
_NOTICES = ("lisez", "lire", "readme", "licen", "notice", "metadonnees", "__macosx", ".")
_EXTENSIONS = {"csv": ("csv", "tsv", "txt")}
_WORKBOOK_MARKS = {"[Content_Types].xml", "mimetype", "content.xml"}


def open_source(livraison: Livraison, path: Path) -> Source:
    """Read a file of a delivery, or the member of it that the catalogue names; ReadingError where it cannot be."""
    try:
        whole = Source(livraison, path.name, path.read_bytes())
    except OSError as error:
        raise ReadingError(f"{livraison.id}: {path.name}: cannot be read ({error.strerror})") from None
    if not whole.contenu:
        whole.fail("the file is empty")
    if not is_zip(whole.contenu):
        if livraison.fichier:
            whole.fail(f"is not a zip: the member {livraison.fichier!r} should be in it")
        return whole
    with safe_zip(whole) as archive:
        if not livraison.fichier and _WORKBOOK_MARKS & set(archive.namelist()):
            return whole
        member = _member(whole, archive)
        return Source(livraison, member, _content(whole, archive, member))


def is_zip(content: bytes) -> bool:
    """Tell whether these bytes begin as a zip does."""
    return content.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def safe_zip(source: Source) -> zipfile.ZipFile:
    """Open a zip whose members are all safe and whole; ReadingError says which one is not."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(source.contenu))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError) as error:
        source.fail(f"is a damaged or truncated zip ({error})")
    members = archive.infolist()
    names = [m.filename for m in members]
    if len(members) > _MAX_MEMBERS or sum(m.file_size for m in members) > MAX_UNPACKED:
        source.fail(f"would unpack to more than {MAX_UNPACKED // 1_000_000} MB: refused")
    if len(set(names)) != len(names):
        source.fail("is a zip with two members of the same name: refused")
    for member in members:
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or (path.parts and path.parts[0].endswith(":")):
            source.fail(f"the member {member.filename!r} would be written outside the zip's folder: refused")
        if member.flag_bits & 1:
            source.fail(f"the member {member.filename!r} is encrypted: a file without a password is needed")
    return archive


def verify_members(source: Source, archive: zipfile.ZipFile) -> None:
    """Unpack every member once, for those readers that unpack by themselves: sizes and checksums must be true."""
    for name in archive.namelist():
        for _ in _chunks(source, archive, name):
            pass


def _chunks(source: Source, archive: zipfile.ZipFile, name: str):
    try:
        with archive.open(name) as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError, NotImplementedError) as error:
        source.fail(f"the zip's member {name!r} is damaged ({error})")


def _content(source: Source, archive: zipfile.ZipFile, name: str) -> bytes:
    return b"".join(_chunks(source, archive, name))


def _member(source: Source, archive: zipfile.ZipFile) -> str:
    """Return the member that the catalogue names, or the only one that holds data."""
    wanted, livraison = source.livraison.fichier, source.livraison
    names = [n for n in archive.namelist() if not n.endswith("/")]
    if wanted:
        found = [n for n in names if clean(n) == clean(wanted)]
        if not found:
            source.fail(f"there is no member {wanted!r} in the zip{closest(wanted, names)}")
        return found[0]
    data = [n for n in names if not PurePosixPath(n).parts[0].lower().startswith(_NOTICES)]
    data = [n for n in data if not PurePosixPath(n).name.lower().startswith(_NOTICES)]
    extensions = _EXTENSIONS.get(livraison.file_format, (livraison.file_format,))
    of_format = [n for n in data if n.lower().rsplit(".", 1)[-1] in extensions]
    chosen = of_format if len(of_format) == 1 else data
    if len(chosen) != 1:
        source.fail(f"which member of the zip is it? Say so with `fichier`{closest('', names)}")
    return chosen[0]
