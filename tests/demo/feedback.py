"""What Amazon SES reports about the messages it sent, as it puts it on a queue."""

import json
from collections.abc import Iterable, Iterator
from random import Random
from typing import Any, NamedTuple

from tests.demo.diary import Post
from tests.demo.told import milliseconds
from tests.demo.wire import iso

HARD_BOUNCES = 0.04
COMPLAINTS = 0.03
REPEATED = 0.1
READ_AFTER_MS = 600_000
"""Who opens at once is a machine."""

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SCANNER = "Barracuda Sentinel (EE)"


class Delivered(NamedTuple):
    """One message that was sent: our id of it, to whom, and under which subject."""

    contact: str
    address: str
    subject: str = ""


def reports(
    messages: Iterable[Delivered], random: Random, *, phase: int, now: int
) -> Iterator[Post]:
    """Yield queue messages that tell what became of the messages, some of them twice."""
    for number, message in enumerate(sorted(messages)):
        for kind, details in _fate(random):
            told = notification(message, kind, details | {"timestamp": iso(now)})
            raw = json.dumps(_wrapped(told, number))
            yield Post(phase, "ses", f"ses {number % 2}", raw=raw)
            if random.random() < REPEATED:
                yield Post(phase, "ses", f"ses {number % 2}", raw=raw)


def _fate(random: Random) -> list[tuple[str, dict[str, Any]]]:
    """Return what happens to one message, in any order: readers open and click, addresses fail."""
    draw = random.random()
    if draw < HARD_BOUNCES:
        return [("Bounce", {"bounceType": "Permanent", "bounceSubType": "General"})]
    if draw < HARD_BOUNCES + COMPLAINTS:
        return [("Delivery", {}), ("Complaint", {"complaintFeedbackType": "abuse"})]
    if draw < 0.12:
        return [("Bounce", {"bounceType": "Transient", "bounceSubType": "MailboxFull"})]
    fate: list[tuple[str, dict[str, Any]]] = [("Delivery", {})]
    if draw > 0.6:
        fate.append(("Open", {"ipAddress": "192.0.2.1", "userAgent": "mail"}))
    if draw > 0.75:
        agent = BROWSER if draw > 0.8 else SCANNER
        link = {"link": "https://shop.example.com/news?who=me"}
        fate.append(("Click", link | {"ipAddress": "192.0.2.1", "userAgent": agent}))
    random.shuffle(fate)
    return fate


def notification(message: Delivered, kind: str, details: dict[str, Any]) -> dict[str, Any]:
    """Return what SES publishes about one message."""
    if kind in ("Bounce", "Complaint"):
        recipients = "bouncedRecipients" if kind == "Bounce" else "complainedRecipients"
        details = details | {recipients: [{"emailAddress": message.address}]}
    return {
        "eventType": kind,
        "mail": {
            "timestamp": iso(milliseconds(details["timestamp"]) - READ_AFTER_MS),
            "messageId": f"ses-{message.contact}",
            "destination": [message.address],
            "commonHeaders": {"to": [message.address], "subject": message.subject},
            "tags": {"portrait-message-id": [message.contact]},
        },
        kind.lower(): details,
    }


def _wrapped(told: dict[str, Any], number: int) -> dict[str, Any]:
    """Return the notification bare, as SNS wraps it, or as EventBridge does."""
    if number % 3 == 1:
        return {"Type": "Notification", "Message": json.dumps(told)}
    if number % 3 == 2:
        kind = f"Email {told['eventType']}"
        return {"version": "0", "source": "aws.ses", "detail-type": kind, "detail": told}
    return told
