"""Arrow without pandas, which it imports for its first array: half a second and 40 MB that a run has no use for."""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from typing import Any

import pyarrow as pa


class _NoPandas(MetaPathFinder):
    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> None:
        """Refuse pandas, and leave the others to who finds them."""
        if fullname == "pandas":
            raise ModuleNotFoundError("not needed by Arrow's arrays", name=fullname)


def leave_pandas_aside() -> None:
    """Have Arrow look for pandas once for all, and not find it; whoever imports it, or asks for its frames, has it."""
    hiding = _NoPandas()
    sys.meta_path.insert(0, hiding)
    pa.array([], pa.string())  # it looks here, and once more
    pa.scalar(True)
    sys.meta_path.remove(hiding)
