"""What phones are told, in the words of Apple's and Google's services, as SNS passes them on."""

import json
from collections.abc import Mapping
from typing import Any

from portrait.faults import Rejected
from portrait.rendering import Push

MAX_BYTES = 4_096
"""Source: Apple and Google, both for the whole of one notification."""


def payloads(push: Push, message_id: str, seconds: int) -> str:
    """Return SNS's `Message` of structure `json`, for every platform at once.

    Args:
        seconds: for how long the platform may try; 0 is once.

    Raises:
        Rejected: `push_too_long`.
    """
    ours = {"portrait_message_id": message_id, **({"url": push.url} if push.url else {})}
    apple = _text({**push.data, **ours, "aps": {"alert": {"title": push.title, "body": push.body}}})
    google = _text(_google(push, {**push.data, **ours}, seconds))
    if max(len(apple.encode()), len(google.encode())) > MAX_BYTES:
        raise Rejected("push_too_long", f"a notification has at most {MAX_BYTES} bytes")
    platforms = {"APNS": apple, "APNS_SANDBOX": apple, "GCM": google}
    return _text({"default": push.body, **platforms})


def expiry(seconds: int) -> dict[str, Any]:
    """Return SNS's `MessageAttributes` that say for how long each platform may try."""
    value = {"DataType": "String", "StringValue": str(seconds)}
    return {f"AWS.SNS.MOBILE.{name}.TTL": value for name in ("APNS", "APNS_SANDBOX", "FCM")}


def _google(push: Push, data: Mapping[str, Any], seconds: int) -> dict[str, Any]:
    """Return a message of FCM's HTTP v1, whose data are texts alone."""
    texts = {name: each if isinstance(each, str) else _text(each) for name, each in data.items()}
    message = {
        "notification": {"title": push.title, "body": push.body},
        "data": texts,
        "android": {"ttl": f"{seconds}s"},
    }
    return {"fcmV1Message": {"message": message}}


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
