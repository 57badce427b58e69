"""How the oracle reads what comes back: reports about messages, and clicks on the way out."""

import json
from typing import Any

from tests.demo.told import ONE_CLICK, Heard, Sent, milliseconds, plain


def feedback(sent: Sent) -> Heard:
    """Read what SES tells about one recipient, in whichever envelope it came."""
    told = sent.body
    if "Message" in told:
        told = json.loads(told["Message"])
    told = told.get("detail", told)
    kind, mail = told["eventType"], told["mail"]
    (address,) = mail["destination"]
    what = told[kind.lower()]
    moment = what["timestamp"] if kind in ("Open", "Click") else ""
    by = " by a machine" if _is_scanner(what) else ""
    return Heard(
        sent.phase, sent.order, "ses", "|".join((mail["messageId"], kind, moment)), "track",
        f"Email {kind}{by}", (("email", plain("email", address)),),
        milliseconds(what["timestamp"]), 0,
        {
            "contact": mail["tags"]["portrait-message-id"][0],
            "type": what.get("bounceType", ""),
            "subject": mail["commonHeaders"]["subject"],
        }, {},
    )  # fmt: skip


def _is_scanner(what: dict[str, Any]) -> bool:
    """Tell whether the mail server of a company looked, before its people could."""
    return "Barracuda" in what.get("userAgent", "")


def way_out(sent: Sent) -> Heard:
    """Read a click on the link in an e-mail: its recipient wants no more of the kind."""
    who = (("email", plain("email", sent.body["email"])),)
    about = {"channel": "email", "purpose": "marketing"}
    return Heard(
        sent.phase, sent.order, ONE_CLICK, sent.body["email"], "track", "Unsubscribed", who,
        sent.sent_at, 0, about, {},
    )  # fmt: skip
