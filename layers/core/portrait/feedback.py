"""What becomes of a message, as events: how they are called, and what each says of the message."""

from collections.abc import Mapping

OFFER_ANSWERS = {
    "Offer Shown": "opened",
    "Offer Snoozed": "opened",
    "Offer Declined": "declined",
    "Offer Accepted": "accepted",
}
"""What is said about an offer in the inbox, and how far its message has come with that."""

TEXT_REPLIED = "SMS Replied"
"""Names no message: the provider does not say which one somebody answers."""

_TOLD: Mapping[str, Mapping[str, str]] = {
    "email": {
        "Email Delivered": "delivered",
        "Email Opened": "opened",
        "Email Link Clicked": "clicked",
        "Email Replied": "replied",
        "Email Bounced": "bounced",
        "Email Marked as Spam": "complained",
    },
    "sms": {
        "SMS Delivered": "delivered",
        "SMS Link Clicked": "clicked",
        TEXT_REPLIED: "replied",
        "SMS Failed": "bounced",
    },
    "push": {
        "Push Notification Received": "delivered",
        "Push Notification Tapped": "clicked",
        "Push Link Clicked": "clicked",
        "Push Notification Bounced": "bounced",
    },
    "webhook": {
        "Webhook Delivered": "delivered",
        "Webhook Opened": "opened",
        "Webhook Link Clicked": "clicked",
        "Webhook Replied": "replied",
        "Webhook Declined": "declined",
        "Webhook Accepted": "accepted",
    },
    "inbox": {**OFFER_ANSWERS, "Offer Link Clicked": "clicked"},
}
"""By channel, since what bounced is that channel, whatever a sender writes. Source of the names:
Segment's specs for e-mail (wire.md) and for mobile apps, where they have one."""

FEEDBACK = {name: state for told in _TOLD.values() for name, state in told.items()}
"""The state to which an event brings the message that its property `message_id` names."""

CHANNEL = {name: channel for channel, told in _TOLD.items() for name in told}

_BY_MACHINE = " by Machine"
MACHINE = frozenset(
    name + _BY_MACHINE for name in FEEDBACK if name.endswith((" Opened", " Link Clicked"))
)
"""What scanners, prefetchers and privacy proxies did: other names, so that nothing counts them,
starts on them or waits for them unless a document asks for them by name."""

_CLICKED, _FOLLOWED = " Link Clicked", " Link Followed"
FOLLOWED = {
    name.removesuffix(_CLICKED) + _FOLLOWED: name for name in FEEDBACK if name.endswith(_CLICKED)
}
"""A link was followed, and whether by a person is not known yet; then the click by its name."""

RESERVED = FEEDBACK.keys() | MACHINE | FOLLOWED.keys()
"""For channels to say: what a key that anybody can read may not send."""

FROM_APPS = frozenset({"Push Notification Received", "Push Notification Tapped"})
"""Only the app on the phone knows of these, so an app's key may say them."""

_NAMES = {"email": "Email", "sms": "SMS", "push": "Push", "webhook": "Webhook"}


def by_machine(name: str) -> str:
    """Return what an open or a click is called when no person did it."""
    return name + _BY_MACHINE


def link_clicked(channel: str) -> str:
    """Return what a click on a link in a message is called."""
    return _NAMES.get(channel, "Offer") + _CLICKED


def followed(name: str) -> str:
    """Return what a click is called until it is known whether a person did it."""
    return name.removesuffix(_CLICKED) + _FOLLOWED


def is_reserved(name: str | None, source_kind: str) -> bool:
    """Tell whether an event of that name is not for a source of that kind to send.

    Browsers and apps carry keys that anybody can read; with one, an address could be suppressed
    or an answer be forged.
    """
    if source_kind == "mobile" and name in FROM_APPS:
        return False
    return source_kind in ("browser", "mobile") and name in RESERVED
