"""Messages of SQS: what is told of them, and what they may hold.

Source: Amazon SQS API Reference, "SendMessage".
"""

import hashlib
import re
from typing import Any

from tests.faults.aws.refusals import Refused

MAX_BYTES = 2**20
_REFUSED = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Message:
    """One message; `receipt` is that of its last receipt, and only that one deletes it."""

    __slots__ = ("attributes", "body", "first_at", "id", "receipt", "received", "sent_at", "source")

    def __init__(self, id_: str, body: str, sent_at: int, attributes: Any = None) -> None:
        self.id, self.body, self.sent_at = id_, body, sent_at
        self.attributes = attributes
        self.received, self.first_at, self.receipt, self.source = 0, 0, "", ""


def attributes(message: Message) -> dict[str, str]:
    """Return what SQS tells of a message beside its body."""
    told = {
        "ApproximateReceiveCount": str(message.received),
        "SentTimestamp": str(message.sent_at),
        "SenderId": "simulated",
        "ApproximateFirstReceiveTimestamp": str(message.first_at),
    }
    if message.source:
        told["DeadLetterQueueSourceArn"] = f"arn:aws:sqs:us-east-1:000000000000:{message.source}"
    return told


def md5(body: str) -> str:
    """Return the digest of a body that SQS answers with."""
    return hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()


def check_body(body: str) -> None:
    """Refuse a body that is empty, too long, or holds what XML 1.0 does not."""
    if not body:
        raise Refused("MissingParameter", "The request must contain the parameter MessageBody.")
    if len(body) * 4 > MAX_BYTES and size(body) > MAX_BYTES:
        raise Refused("InvalidParameterValue", "One or more parameters are invalid. Reason: "
                      f"Message must be shorter than {MAX_BYTES} bytes.")  # fmt: skip
    if not (body.isascii() and body.isprintable()) and _REFUSED.search(body):
        raise Refused("InvalidMessageContents", "Invalid characters found.")


def size(body: str) -> int:
    """Return the bytes of a body; a lone surrogate, which is refused anyhow, counts as three."""
    return len(body.encode("utf-8", "surrogatepass"))
