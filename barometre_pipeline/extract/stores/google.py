"""Google Cloud Storage, by gcsfs, which reads Google's own variables and files."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from barometre_pipeline.extract.stores.address import back_end
from barometre_pipeline.extract.stores.objects import ObjectStore


class GoogleStore(ObjectStore):
    """Google Cloud Storage, with the key that Google's own variables and files give, else what is public."""

    variables = "GOOGLE_APPLICATION_CREDENTIALS"
    _transfer: ClassVar[dict[str, Any]] = {"concurrency": 1, "consistency": "md5"}

    async def open(self) -> None:
        """Look for the key, which may take its time, away from the loop."""
        library = back_end("gs").core  # the class beside it also asks another service what kind of bucket it is
        options = {"asynchronous": True, "skip_instance_cache": True, "use_listings_cache": False}
        self._files = await asyncio.to_thread(lambda: library.GCSFileSystem(**options))
        for name in ("_request", "_get_file_request"):  # each would try six times, in half a minute, and log tracebacks
            setattr(self._files, name, getattr(self._files, name).__wrapped__.__get__(self._files))
        self.judge(self._files.base)
        self._session = await self._files._set_session()

    async def close(self) -> None:
        """Close the connections of the session."""
        await self._session.close()
