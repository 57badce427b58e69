"""Reading the archive: which objects there are, and the rows of one."""

import gzip
import zlib
from collections.abc import Iterator
from typing import Any

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from portrait.faults import Unavailable
from portrait.settings import get_settings
from portrait.store.session import client

PREFIX = "events/"
_decoder = msgspec.json.Decoder(dict[str, Any])


def names(since: str = "") -> Iterator[str]:
    """Yield the names of the archived objects in order of the hour their first event came in.

    Args:
        since: leave out the days of receipt before this one, such as `2026-03-01`.

    Raises:
        Unavailable: S3 did not answer.
    """
    request: dict[str, Any] = {"Bucket": get_settings().data_bucket, "Prefix": PREFIX}
    if since:
        request["StartAfter"] = f"{PREFIX}date={since}"
    while True:
        answer = _asked("list_objects_v2", request)
        yield from (found["Key"] for found in answer.get("Contents", ()))
        if not answer.get("IsTruncated"):
            return
        request["ContinuationToken"] = answer["NextContinuationToken"]


def rows(name: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of one object, as `portrait.archive.archive_row` wrote them.

    Raises:
        Unavailable: S3 did not answer, or gave what is no archive.
    """
    request = {"Bucket": get_settings().data_bucket, "Key": name}
    try:
        body = gzip.decompress(_asked("get_object", request)["Body"].read())
        for line in body.splitlines():
            yield _decoder.decode(line)
    except (BotoCoreError, OSError, EOFError, zlib.error, msgspec.MsgspecError) as error:
        raise Unavailable(f"{name} cannot be read: {type(error).__name__}") from error


def _asked(operation: str, request: dict[str, Any]) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = getattr(client("s3"), operation)(**request)
    except (BotoCoreError, ClientError) as error:
        raise Unavailable(f"the bucket did not answer: {type(error).__name__}") from error
    return answer
