"""What a setting must be: each rule takes its text, and returns it tidied or says what would be right.

A rule is a function of the text alone, and raises ValueError; which setting has which rule is in `settings`.
"""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter
from urllib.parse import SplitResult, urlsplit

from barometre_pipeline.fields import MAIL
from barometre_pipeline.placeholders import known_placeholders

_AUTHOR = re.compile(r"[^<>\n]*[^<>\s][^<>\n]* <[^<>\s]+@[^<>\s]+>")
# The fields of a commit's message, each with such a value as it has.
MESSAGE_FIELDS = {"edition": "2022-T1", "etiquette": "2022-T1"} | dict.fromkeys(
    (
        *("ajoutes", "alertes", "cibles_deplacees", "fichiers", "indicateurs", "modifies", "retards", "supprimes"),
        *("syntheses", "valeurs", "valeurs_ajoutees", "valeurs_retirees", "valeurs_revisees"),
    ),
    0,
)
_DAY_AND_TIME = re.compile(r"(0?[1-9]|1\d|2[0-8]) +([01]?\d|2[0-3]):([0-5]\d)")
DUCKDB = "duckdb"
LOCATION = "barometre"  # the code location of a barometer without a name, as workspace.yaml names it
_SHORT_NAME = re.compile(r"[a-z]([a-z0-9-]{0,28}[a-z0-9])?")  # one of Kubernetes too, and short below it
_SERVED = re.compile(r"(?:([a-z0-9-]+)=)?([^\s=,:]+|\[[0-9a-f:]+\]):(\d{1,5})")
_SPARK = re.compile(r"local(\[(\*|[1-9]\d*)\])?|spark://[^\s/]+:\d+|yarn|k8s://\S+")
_CONNECT = re.compile(r"sc://[^\s/;@?]+(:\d+)?(/?|/(;(use_ssl=(true|false)|user_id=[\w.-]+))+)")
_YES = {"oui": True, "true": True, "1": True, "non": False, "false": False, "0": False}
_DRIVER = "postgresql+psycopg2"  # what dagster-postgres is written for; SQLAlchemy's own default is another one
# As `git check-ref-format` has it, and no option of git besides.
_NO_BRANCH = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^[/-]|[/.]$|(^|/)\.|\.lock(/|$)|^@$")


def seconds(text: object) -> float:
    """Return a number of seconds; less than none is none."""
    try:
        number = float(str(text))
    except ValueError:
        number = float("nan")
    if not abs(number) < 1e9:
        raise ValueError(f"is {text!r}: write a number of seconds, as in 600.")
    return max(number, 0.0)


def days(text: object) -> int:
    """Return a whole number of days, none at least."""
    if not re.fullmatch(r"\d{1,5}", str(text).strip()):
        raise ValueError(f"is {text!r}: write a number of days, as in 400.")
    return int(str(text))


def short_name(text: str) -> str:
    """Return the name of a barometer among others: it is a part of asset keys, and a name of Kubernetes."""
    if not _SHORT_NAME.fullmatch(text.strip()) or text.strip() == LOCATION:
        raise ValueError(
            f"is {text!r}: write at most thirty small letters, digits and hyphens, a letter first, and not {LOCATION}."
        )
    return text.strip()


def code_servers(text: str) -> str:
    """Return where the code of one barometer or of several is served, each once."""
    found = [_SERVED.fullmatch(one.strip()) for one in text.split(",")]
    names = [one[1] or LOCATION for one in found if one]
    if not all(found) or len(set(names)) < len(names):
        raise ValueError(
            f"is {text!r}: write HOST:PORT, and other barometers after it, as in host:4266,lyon=host:4267."
        )
    return ",".join(one.strip() for one in text.split(","))


def served_code(text: str, alone: str) -> dict[str, tuple[str, str]]:
    """Return the host and port of each code location; one that is alone, without a name, has this one."""
    found = [one for one in map(_SERVED.fullmatch, text.split(",")) if one]
    if len(found) == 1:
        return {found[0][1] or alone: (found[0][2], found[0][3])}
    return {one[1] or LOCATION: (one[2], one[3]) for one in found}


def engine(text: str) -> str:
    """Return where the models run: `duckdb`, or an address of Spark's."""
    stripped = text.strip()
    if stripped.startswith("sc://") and not _CONNECT.fullmatch(stripped):
        # It may hold a token: it is not repeated.
        raise ValueError(
            "is not an address of Spark Connect: write it as in sc://host:15002 or sc://host:15002/;use_ssl=true, and "
            "put the token, where it has one, in SPARK_CONNECT_AUTHENTICATE_TOKEN."
        )
    if stripped != DUCKDB and not _SPARK.fullmatch(stripped) and not _CONNECT.fullmatch(stripped):
        raise ValueError(f"is {text!r}: write duckdb, or an address of Spark's, as in local[*] or spark://host:7077.")
    return stripped


def shared_folder(text: str) -> str:
    """Return a folder, made absolute, or an address where Spark and this machine both write; it holds no secret."""
    stripped = text.strip()
    if "://" not in stripped:
        return str(Path(stripped).expanduser().absolute())
    parts = _parts(stripped)
    if parts.scheme == "s3a":
        raise ValueError(f"is {text!r}: write s3://, of which Spark is told s3a://.")
    if parts.scheme in ("http", "https", "sftp"):
        raise ValueError(f"is {text!r}: Spark does not write to {parts.scheme}://; give a folder, s3:// or gs://.")
    if "@" in parts.netloc or parts.query:
        raise ValueError("holds a user, a key or a query: give the address alone, and the key as its store has it.")
    if not parts.path.strip("/") or (parts.scheme != "file" and not parts.netloc):
        raise ValueError(f"is {text!r}: name a folder in it, as in s3://bucket/barometre.")
    return stripped.rstrip("/")


def engine_name(address: str) -> str:
    """Return which engine is at the address that the setting gives."""
    return DUCKDB if address == DUCKDB else "spark"


def yes(text: object) -> bool:
    """Tell whether a text says yes."""
    said = _YES.get(str(text).strip().lower())
    if said is None:
        raise ValueError(f"is {text!r}: write oui or non.")
    return said


def day_and_time(text: str) -> str:
    """Return a day that every month has, and a time of that day."""
    found = _DAY_AND_TIME.fullmatch(text.strip())
    if not found:
        raise ValueError(f"is {text!r}: write a day from 1 to 28 and a time, as in 15 06:00.")
    return f"{int(found[1])} {int(found[2]):02}:{found[3]}"


def address(text: str) -> str:
    """Return an address that may hold what stands for the edition, and nothing else between braces."""
    try:
        return known_placeholders(text)
    except ValueError as error:
        raise ValueError(f"is {text!r}: {error}.") from None


def folder(path: Path) -> Path:
    """Return a folder whose name may hold what stands for the edition, and nothing else between braces."""
    return Path(address(str(path)))


def branch(text: str) -> str:
    """Return the name of a branch that git takes."""
    if _NO_BRANCH.search(text):
        raise ValueError(f"is {text!r}, which is not the name of a git branch: write it as in main or revue/barometre.")
    return text


def author(text: str) -> str:
    """Return the author of a commit, as git writes one."""
    if not _AUTHOR.fullmatch(text):
        raise ValueError(f"is {text!r}: write it as in « Nom <courriel@exemple.fr> ».")
    return text


def message(text: str) -> str:
    """Return the message of a commit, whose fields are all known."""
    try:
        fields = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
        unknown = [name for name in fields if name not in MESSAGE_FIELDS]
        if not unknown:
            text.format_map(MESSAGE_FIELDS)
    except (ValueError, LookupError, AttributeError) as error:
        raise ValueError(f"cannot be read ({error}): fields are written {{edition}}.") from None
    if unknown:
        raise ValueError(f"has the field {{{unknown[0]}}}: the fields are {', '.join(sorted(MESSAGE_FIELDS))}.")
    return text


def depot(text: str) -> str:
    """Return the address of a git repository that holds no secret: git would write it in its files and messages."""
    if "://" not in text:
        if text.startswith("-") or "::" in text or not text.strip():
            raise ValueError("is not an address of git: give a path, https://…, ssh://… or user@host:path.")
        return text
    parts = _parts(text)
    if parts.scheme not in ("http", "https", "ssh", "git", "file"):
        raise ValueError(f"begins with {parts.scheme}://: give https://, ssh:// or file://.")
    named = parts.username is not None and parts.scheme != "ssh"
    if named or parts.password is not None or parts.query:
        raise ValueError(
            f"holds a user name, a password or a token on {parts.hostname}, which would be written in logs and in "
            ".git/config: give the address without it, and put the user name in BAROMETRE_GIT_UTILISATEUR and the "
            "token in BAROMETRE_GIT_JETON, or use a credential helper of git."
        )
    return text


def portal_address(text: str) -> str:
    """Return the address of a portal that a key may be sent to: https, or this very machine."""
    parts = _parts(text.strip())
    if parts.username or parts.password or parts.query:
        raise ValueError("holds a user name, a password or a query: give the address alone.")
    if not _is_private(parts):
        raise ValueError(f"is {text!r}: give an https:// address, so that the key is not sent in clear.")
    return text.strip().rstrip("/")


def read_address(text: str) -> str:
    """Return the address of a portal that is only read."""
    parts = _parts(text.strip())
    if parts.username or parts.password or not parts.hostname or parts.scheme not in ("http", "https"):
        raise ValueError("is not the address of a portal: write it as in https://www.data.gouv.fr.")
    return text.strip().rstrip("/")


def mail_server(text: str) -> str:
    """Return the address of a mail server, without the password."""
    parts = _parts(text.strip())
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("is not a mail server: write it as in smtps://user@smtp.example.org:465.")
    if parts.password is not None:
        raise ValueError("holds a password: put it in BAROMETRE_ALERTES_SMTP_MOT_DE_PASSE.")
    return text.strip()


def mail_addresses(text: str) -> str:
    """Return a list of mail addresses, commas between."""
    wrong = [one.strip() for one in text.split(",") if not re.fullmatch(MAIL, one.strip())]
    if wrong:
        raise ValueError(f"has {wrong[0]!r}, which is no mail address: write them as in a@example.org, b@example.org.")
    return text


def webhook(text: str) -> str:
    """Return the address of a webhook: https, or http on this very machine; it is in no message."""
    if not _is_private(_parts(text.strip())):
        raise ValueError("is not the https:// address of a webhook.")
    return text.strip()


def heartbeat(text: str) -> str:
    """Return the file or the address that tells that the daemon lives."""
    if "://" in text and _parts(text.strip()).scheme not in ("http", "https"):
        raise ValueError("is neither a file nor an http(s):// address.")
    return text.strip()


def postgres(text: str) -> str:
    """Return the address of a database of PostgreSQL, with the driver that Dagster needs.

    What programs take for the host is in their messages: no part of a password may be there.
    """
    named, at, rest = text.strip().partition("://")[2].partition("@")
    if at and ("@" in rest or set("/?#") & set(named)):
        raise ValueError(
            "has a user or a password that cannot be told from the host: write the @ in it %40, / %2F, ? %3F, # %23."
        )
    parts = _parts(text.strip())
    if parts.scheme not in ("postgres", "postgresql", _DRIVER) or not parts.path.strip("/"):
        raise ValueError("is not a database of PostgreSQL: write it as in postgresql://user:password@host:5432/base.")
    return parts._replace(scheme=_DRIVER).geturl()


def key(text: str) -> str:
    """Return a key as it was given by the portal."""
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("has spaces or characters that no key has: copy it again.")
    return text


def _is_private(parts: SplitResult) -> bool:
    """Tell whether a secret may be sent to an address: nobody between reads it, or it stays on this machine."""
    local = parts.hostname in ("127.0.0.1", "::1", "localhost")
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and local))


def _parts(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise ValueError("is not an address: it cannot be read.") from None
    return parts
