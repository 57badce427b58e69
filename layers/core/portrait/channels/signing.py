"""Signatures of Standard Webhooks, symmetric, and the secrets they are made with."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime

from portrait.compiled import Template


def signing_secret(secret: bytes, template: str, version: int = 1) -> str:
    """Return the secret that the receiver of a template's webhooks verifies with.

    Each template has its own, so that one receiver cannot sign for another.

    Args:
        version: counts the secrets of the template, from 1.
    """
    what = f"webhook:{template}" + (f":{version}" if version > 1 else "")
    key = hmac.digest(secret, what.encode(), hashlib.sha256)
    return "whsec_" + base64.b64encode(key).decode()


def standing_secrets(secret: bytes, template: Template, now: int) -> list[str]:
    """Return the secrets that sign a template's webhooks, and its callbacks, at `now` (UTC ms).

    The newest is first; while receivers change over, the one before it stands too.
    """
    versions = [template.secret_version]
    today = datetime.fromtimestamp(now / 1000, UTC).date().isoformat()
    if today < template.previous_secret_until and template.secret_version > 1:
        versions.append(template.secret_version - 1)
    return [signing_secret(secret, template.key, version) for version in versions]


def sign(whsec: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return one signature for `webhook-signature`, of a body sent at `timestamp` (seconds).

    Source: Standard Webhooks 1.0, symmetric signatures: `v1,` base64(HMAC-SHA256(id.time.body)).
    """
    key = base64.b64decode(whsec.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
