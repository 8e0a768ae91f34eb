"""Serves moto's S3 on loopback, in a process of its own: it checks keys and signatures, as S3 does."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
import requests

BUCKET = "ministere"


@dataclass(frozen=True)
class Moto:
    """A running S3: `client` may do anything, `variables` are those that a reader's environment has."""

    url: str
    client: Any
    variables: dict[str, str]

    def put(self, key: str, content: bytes) -> None:
        """Put an object into the bucket."""
        self.client.put_object(Bucket=BUCKET, Key=key, Body=content)

    @contextmanager
    def keys_unchecked(self) -> Iterator[None]:
        """Have whoever has no key read what is public: moto fails where keys are checked."""
        _check_keys(self.url, after="inf")
        yield
        _check_keys(self.url)


@contextmanager
def moto() -> Iterator[Moto]:
    """Run moto with one bucket, and a user who may read it."""
    command = [sys.executable, "-m", "moto.server", "-p", "0"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as server:
        try:
            url = next(found[0] for line in server.stderr if (found := re.search(r"http://127\.0\.0\.1:\d+", line)))
            yield _with_a_reader(url)
        finally:
            server.terminate()


def _with_a_reader(url: str) -> Moto:
    root = {"aws_access_key_id": "root", "aws_secret_access_key": "root", "region_name": "eu-west-3"}
    client, iam = (boto3.client(service, endpoint_url=url, **root) for service in ("s3", "iam"))
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})
    iam.create_user(UserName="lecteur")
    policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
    iam.put_user_policy(UserName="lecteur", PolicyName="lire", PolicyDocument=policy)
    key = iam.create_access_key(UserName="lecteur")["AccessKey"]
    _check_keys(url)
    names = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    reader = boto3.client(
        "s3", endpoint_url=url, aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"]
    )
    return Moto(url, reader, names | {"AWS_ENDPOINT_URL_S3": url, "AWS_DEFAULT_REGION": "eu-west-3"})


def _check_keys(url: str, after: str = "0") -> None:
    """Have keys and signatures checked after so many requests."""
    requests.post(f"{url}/moto-api/reset-auth", data=after, timeout=10).raise_for_status()
