"""What git and the depot's server said, made a sentence for people: what is wrong, and what would be right.

Running git is in `command`.
"""

from __future__ import annotations

import re

from barometre_pipeline.depot.options import TOKEN_VARIABLE, USER_VARIABLE
from barometre_pipeline.resources.secrets import MASK

_LONGEST = 500  # characters of what git said
# Nothing else is repeated: a credential helper may print a password, of which we know nothing.
_SAID = re.compile(r"(fatal|error|remote|!).*")
_PROGRESS = re.compile(r"\d+% \(\d+/\d+\)|objects: \d+|Total \d+ \(delta|^remote:$")
_IDENTITY = re.compile(r"((?i:basic|bearer) +(?=\S*[A-Z\d])(?=\S{8})|(?i:password)[=:] *)\S+")
# What a server or a line does for a while, and not for ever.
_PASSING = re.compile(
    r"Connection (refused|reset|timed out|closed)|Failed to connect|Could not (connect|resolve host)|Name or service"
    r"|Operation too slow|early EOF|hung up|error: 5\d\d|HTTP 5\d\d|the remote end|RPC failed"
)
_CAUSES = [
    (
        r"Authentication failed|could not read (Username|Password)|terminal prompts disabled|"
        r"Permission denied \(publickey|error: 40[13]|HTTP 40[13]|Invalid username or",
        f"it refused our identity: set {USER_VARIABLE} and {TOKEN_VARIABLE}, a credential helper of git, or an ssh "
        "key that needs no passphrase",
    ),
    (r"Could not resolve host|Name or service not known", "its host is unknown here: check the address"),
    (r"Connection refused|Failed to connect|Could not connect|Connection timed out", "its host does not answer"),
    (r"Operation too slow", "its host fell silent: run again"),
    (r"Host key verification failed", "ssh does not know its host: add it to known_hosts first"),
    (
        r"certificate (problem|verif)",
        "its certificate is signed by nobody that is trusted here: name the file of its authority in GIT_SSL_CAINFO "
        "or in git's http.sslCAInfo",
    ),
    (
        r"detected dubious ownership",
        "it belongs to another account: trust it by git config --global --add safe.directory, and its folder",
    ),
    (
        r"does not appear to be a git repository|[Rr]epository.*not found|error: 404|not a git repository",
        "there is no git repository there: check the address",
    ),
    (r"checked out", "it is not a bare repository and that branch is checked out there: give a bare one"),
    (
        r"hook declined|push declined|protected branch|denyNonFastForwards|denying non-fast-forward",
        "its rules refuse this push: ask for the right to push to that branch, or set BAROMETRE_GIT_BRANCHE_REVUE to "
        "push to another, for a review",
    ),
    (
        r"does not support --atomic push",
        "it cannot take a commit and its tag together: give a depot of another server",
    ),
    (r"hash algorithm|mismatched algorithms", "it names its objects by an algorithm that this git does not handle"),
    (r"No space left on device", "the disk is full"),
]


def what_it_says(printed: str) -> str:
    """Return the lines of what git printed that say what went wrong, without what it counts."""
    lines = (line.strip() for line in re.split(r"[\r\n]+", printed))
    told = (line for line in lines if _SAID.match(line) and not _PROGRESS.search(line))
    return "\n".join(_IDENTITY.sub(rf"\1{MASK}", line) for line in told)


def is_passing(printed: str) -> bool:
    """Tell whether the same command may succeed in a moment."""
    return bool(_PASSING.search(printed))


def explain(action: str, printed: str, where: str) -> str:
    """Return the sentence of a git command that failed with the depot or clone `where`, and printed this."""
    cause = next((f"{cause} " for pattern, cause in _CAUSES if re.search(pattern, printed)), "")
    said = what_it_says(printed).replace("\n", " / ")[:_LONGEST] or "nothing"
    return f"git {action} failed with {where}: {cause}(git says: {said})."
