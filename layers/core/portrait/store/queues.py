"""SQS: putting bodies on a queue, all of them or an error that says which are missing."""

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from portrait.faults import Unavailable
from portrait.store import direct
from portrait.store.session import REQUEST_TIMEOUT_SECONDS, client

MAX_ENTRIES = 10
MAX_BATCH_BYTES = 1_000_000
"""SQS takes 1 MiB per request; what is left is for the envelope around the bodies."""


def send(url: str, bodies: Sequence[str], *, delay_s: int = 0) -> None:
    """Put the bodies on the queue, in as few requests as its limits allow.

    Args:
        delay_s: nobody is given them before so many seconds have passed.

    Raises:
        Unavailable: at least one body was not taken. Others may have been: the caller repeats
            them all, and whoever reads the queue recognises what it has seen.
    """
    sqs = client("sqs", attempts=2, read_timeout=REQUEST_TIMEOUT_SECONDS)
    try:
        for batch in _batches(bodies):
            if len(batch) == 1:
                if delay_s or not direct.send_message(sqs, url, batch[0]):
                    sqs.send_message(QueueUrl=url, MessageBody=batch[0], DelaySeconds=delay_s)
                continue
            entries: list[dict[str, Any]] = [
                {"Id": str(i), "MessageBody": body, "DelaySeconds": delay_s}
                for i, body in enumerate(batch)
            ]
            answer = sqs.send_message_batch(QueueUrl=url, Entries=entries)
            if answer.get("Failed"):
                raise Unavailable(f"{len(answer['Failed'])} of {len(batch)} messages not queued")
    except (BotoCoreError, ClientError) as error:
        raise Unavailable(f"the queue did not answer: {type(error).__name__}") from error


def _batches(bodies: Sequence[str]) -> list[list[str]]:
    batches: list[list[str]] = []
    size = 0
    for body in bodies:
        # Bytes, not characters: four per character is the most that UTF-8 makes of one.
        length = len(body) if body.isascii() else len(body.encode())
        if not batches or len(batches[-1]) == MAX_ENTRIES or size + length > MAX_BATCH_BYTES:
            batches.append([])
            size = 0
        batches[-1].append(body)
        size += length
    return batches
