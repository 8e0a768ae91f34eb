"""S3, and whatever speaks it, by s3fs.

Where the store is and which key opens it are what the standard variables and files say (AWS_ENDPOINT_URL_S3,
AWS_ACCESS_KEY_ID…), which botocore reads.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, ClassVar

from barometre_pipeline.extract.stores.address import back_end
from barometre_pipeline.extract.stores.objects import ObjectStore


class S3Store(ObjectStore):
    """S3, or an endpoint that speaks it: without any key, what is public there."""

    variables = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    _transfer: ClassVar[dict[str, Any]] = {"max_concurrency": 1}

    async def open(self) -> None:
        """Take the key where the standard variables or files give one, and let the secret be known."""
        library = back_end("s3")
        session = import_module("aiobotocore.session").AioSession()
        credentials = await session.get_credentials()
        if credentials:
            key = await credentials.get_frozen_credentials()
            for secret in (key.secret_key, key.token):
                self.secrets.register(secret or "")
        times = {"connect_timeout": self.limits.connect, "read_timeout": self.limits.read}
        self._files = library.S3FileSystem(
            session=session,
            anon=credentials is None,
            config_kwargs=times | {"retries": {"total_max_attempts": 1}},
            asynchronous=True,
            skip_instance_cache=True,
            use_listings_cache=False,
        )
        self._files.retries = 1
        self._client = await self._files.set_session()
        self.judge(self._client.meta.endpoint_url)

    async def close(self) -> None:
        """Close the connections of the session."""
        await self._client.close()
