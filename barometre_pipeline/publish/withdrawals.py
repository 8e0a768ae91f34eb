"""What people are told of withdrawn publications: NOUVEAUTES.md of the one that is public instead.

The reasons are those of the depot's own tags, so that every home writes the same. Withdrawing is in `withdrawing`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence

from barometre_pipeline.builds import SUMS, read_sums
from barometre_pipeline.depot.objects import Entry, entry
from barometre_pipeline.depot.repository import GitRepository
from barometre_pipeline.depot.tags import WITHDRAWAL, Publication

NEWS = "NOUVEAUTES.md"
TITLE = "# Nouveautés\n"
_SECTION = re.compile(r"\n## Retrait de la publication [^\n]*\n\nMotif : [^\n]*\n")  # that a tree has from before


def with_withdrawals(
    repository: GitRepository,
    withdrawn: Sequence[Publication],
    entries: Mapping[str, Entry],
    notices: Mapping[str, bytes],
) -> tuple[Mapping[str, Entry], Mapping[str, bytes]]:
    """Return the entries of a tree that tells of these withdrawals, and the contents of the files that do.

    `notices` are the contents of its NOUVEAUTES.md, where it has one, and of its SHA256SUMS.
    """
    if not withdrawn:
        return entries, {}
    news = _told(repository, withdrawn, notices.get(NEWS, TITLE.encode()).decode()).encode()
    texts = {NEWS: news, SUMS: _summed(notices.get(SUMS, b"").decode(), news).encode()}
    algorithm = repository.object_format()
    return {**entries, **{path: entry(text, algorithm) for path, text in texts.items()}}, texts


def _told(repository: GitRepository, withdrawn: Sequence[Publication], news: str) -> str:
    sections = [
        f"\n## Retrait de la publication {one}\n\nMotif : {repository.tag_message(f'{WITHDRAWAL}{one}')}\n"
        for one in reversed(withdrawn)
    ]
    return TITLE + "".join(sections) + re.sub(_SECTION, "", news.removeprefix(TITLE))


def _summed(sums: str, news: bytes) -> str:
    """Return the checksums with that of the news, in the order of the paths."""
    listed = {**read_sums(sums), NEWS: hashlib.sha256(news).hexdigest()}
    return "".join(f"{listed[path]}  {path}\n" for path in sorted(listed))
