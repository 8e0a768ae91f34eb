"""What git says of the tree that is built: the last tag, the commits since, the commit.

The build back end's plugin calls it (`[tool.versioningit]` in pyproject.toml), the program never does.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from versioningit import NoTagError, VCSDescription
from versioningit.git import describe_git

_BEFORE_ANY_TAG = "v0.1.0"


def describe(*, project_dir: str | Path, params: dict[str, Any]) -> VCSDescription:
    """Describe the tree as versioningit does; where it finds no tag, name the commit all the same.

    In a clone of depth one, versioningit would count no commit since its default tag, and give that tag's version.
    """
    try:
        return describe_git(project_dir=project_dir, params=params)
    except NoTagError:
        found = describe_git(project_dir=project_dir, params=params | {"default-tag": _BEFORE_ANY_TAG})
        found.state = "distance"
        return found
