"""The data bucket: the archive of accepted events, and the quarantine of those that were not."""

import gzip
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from portrait.archive import QuarantineRecord, lines
from portrait.faults import Unavailable
from portrait.settings import get_settings
from portrait.store.session import client

GZIP_LEVEL = 1
"""Level 6 takes four times as long to make the objects a tenth smaller."""


def write(rows: Sequence[bytes], *, received_at: int) -> None:
    """Archive the rows of one batch as gzip JSON Lines, partitioned by day and hour of receipt.

    The name is a hash of the rows, so a repeat of the batch overwrites itself.

    Raises:
        Unavailable: S3 did not answer; nothing may be applied before it is archived.
    """
    moment = datetime.fromtimestamp(received_at / 1000, UTC)
    body = lines(rows)
    _put(f"events/date={moment:%Y-%m-%d}/hour={moment:%H}", body, body)


def quarantine(records: Sequence[QuarantineRecord], *, now: int) -> None:
    """Put the records aside under their reasons. A repeat with the same receipts overwrites itself.

    Raises:
        Unavailable: S3 did not answer; the records are still the caller's.
    """
    moment = datetime.fromtimestamp(now / 1000, UTC)
    by_reason: dict[str, dict[str, bytes]] = {}
    for record in records:
        payload = record.payload
        text = payload if isinstance(payload, str) else payload.decode("utf-8", "backslashreplace")
        row = msgspec.json.encode({**record._asdict(), "payload": text, "at": now})
        by_reason.setdefault(record.reason, {})[record.receipt] = row
    for reason, rows in by_reason.items():
        prefix = f"quarantine/reason={reason}/date={moment:%Y-%m-%d}"
        _put(prefix, "\n".join(rows).encode(), lines(rows.values()))


def _put(prefix: str, identity: bytes, body: bytes) -> None:
    name = hashlib.blake2b(identity, digest_size=16).hexdigest()
    try:
        client("s3").put_object(
            Bucket=get_settings().data_bucket,
            Key=f"{prefix}/{name}.jsonl.gz",
            Body=gzip.compress(body, GZIP_LEVEL, mtime=0),
            ContentType="application/x-ndjson",
            ContentEncoding="gzip",
        )
    except (BotoCoreError, ClientError) as error:
        raise Unavailable(f"the bucket did not answer: {type(error).__name__}") from error
