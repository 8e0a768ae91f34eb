"""The resources of a dataset, as they should be and as the portal has them, and what may be done to one.

Which of it is done is decided in `plan`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from barometre_pipeline.publish.portal.answers import ResourceAnswer

KEY = "barometre:cle"


@dataclass(frozen=True)
class Wanted:
    """A resource to publish: `cle` is its name for ever, `nom` the name of the file that people download.

    `schema` is the key of the resource that describes its columns.
    """

    cle: str
    file: Path
    nom: str
    sha1: str
    titre: str
    description: str
    type: str = "main"
    schema: str = ""


@dataclass(frozen=True)
class Resource:
    """A resource as the portal has it."""

    id: str
    titre: str
    description: str
    type: str
    sha1: str | None
    hosted: bool
    created: str
    latest: str = ""  # its address for ever
    schema: Any = None  # that the portal tells; None or {} where it tells none
    extras: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, answer: ResourceAnswer) -> Resource:
        """Read a resource of the API's answer."""
        checksum = answer.checksum
        return cls(
            id=answer.id,
            titre=answer.title.strip(),
            description=answer.description.strip(),
            type=answer.type,
            sha1=checksum.value if checksum and checksum.type == "sha1" else None,
            hosted=answer.filetype == "file",
            created=answer.created_at,
            latest=answer.latest,
            schema=answer.schema_,
            extras=answer.extras,
        )

    @property
    def cle(self) -> str | None:
        """Return our key, None where the resource is not (yet) ours."""
        key = self.extras.get(KEY)
        return key if isinstance(key, str) else None


@dataclass(frozen=True)
class Create:
    """A resource to be made, with its file."""

    wanted: Wanted

    def __str__(self) -> str:
        return f"create {self.wanted.nom} (« {self.wanted.titre} »)"


@dataclass(frozen=True)
class Replace:
    """A resource whose file is no longer the right one."""

    wanted: Wanted
    resource: Resource

    def __str__(self) -> str:
        return f"replace the file of {self.wanted.nom} (« {self.wanted.titre} »)"


@dataclass(frozen=True)
class Describe:
    """A resource whose title, description or key is no longer the right one; `more` are other fields to write."""

    wanted: Wanted
    resource: Resource
    more: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"describe {self.wanted.nom} (« {self.wanted.titre} »)"


@dataclass(frozen=True)
class Delete:
    """A resource of ours that should not be there."""

    resource: Resource
    why: str

    def __str__(self) -> str:
        return f"delete « {self.resource.titre} » ({self.resource.id}): {self.why}"


@dataclass(frozen=True)
class Reorder:
    """The order of all the resources of the dataset."""

    ids: tuple[str, ...]

    def __str__(self) -> str:
        return "put the resources in order"


Action = Create | Replace | Describe | Delete | Reorder
