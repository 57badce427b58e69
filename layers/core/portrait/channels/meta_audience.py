"""Meta Custom Audiences: members of a customer file audience, changed through the Marketing API.

Beside it, in meta_audience.md, is what an account needs.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import msgspec

from portrait.audiences import Destination
from portrait.audiences.pushing import Change, Member, NotTaken
from portrait.channels.audience_calls import Send, content, error_of
from portrait.channels.google_audience import chunks
from portrait.channels.https import Answer

API = "https://graph.facebook.com"
VERSION = "v25.0"

MAX_MEMBERS = 10_000
"""In one request. Source: Marketing API, "Custom Audience Users"."""

_SCHEMA = ("EMAIL", "PHONE")
_KINDS = ("email", "phone")
_PASSING = frozenset({1, 2, 4, 17, 32, 341, 613, 2650}) | frozenset(range(80_000, 80_015))
"""Codes that pass: a fault of Meta's, its limits, and an audience that is being updated just now.

Source: Marketing API, "Error Codes" and "Rate Limiting" (80003 is that of custom audiences).
"""

Secret = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MetaLists:
    """Custom Audiences.

    Attributes:
        secret: returns `access_token`, of a system user, and perhaps `app_secret`.
    """

    send: Send
    secret: Callable[[], Secret]
    url: str = API

    def change(self, destination: Destination, change: Change) -> Mapping[str, int]:
        """Make the change, removals first: one person may be known by several identifiers.

        Entries that Meta calls invalid are counted; it has taken all the others.

        Raises:
            NotTaken: some of it was not taken.
        """
        removed: list[Member] = [(each,) for each in sorted(change.removed)]
        members = sorted(change.members)
        counts = {"added": len(members), "removed": len(removed), "requests": 0, "invalid": 0}
        for method, rows in (("DELETE", removed), ("POST", members)):
            for some in chunks(rows, MAX_MEMBERS):
                counts["invalid"] += self._call(method, destination, some)
                counts["requests"] += 1
        return counts

    def _call(self, method: str, destination: Destination, members: Sequence[Member]) -> int:
        known = self.secret()
        token = known.get("access_token")
        if not token:
            raise NotTaken("meta_secret_incomplete", lasting=True)
        fields = {"payload": msgspec.json.encode(_payload(members)).decode()}
        if app_secret := known.get("app_secret"):
            fields["appsecret_proof"] = proof(app_secret, token)
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        url = f"{self.url}/{VERSION}/{destination.list_id}/users"
        answer = self.send(method, url, headers, urlencode(fields).encode())
        told = content(answer)
        if answer.status != 200 or "error" in told:
            raise _fault(answer)
        invalid = told.get("num_invalid_entries", 0)
        return invalid if isinstance(invalid, int) else 0


def proof(app_secret: str, token: str) -> str:
    """Return `appsecret_proof`, which shows that a server of the app's own uses the token.

    Source: Graph API, "Secure Graph API Calls": hex HMAC-SHA-256 of the token.
    """
    return hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def _payload(members: Sequence[Member]) -> dict[str, Any]:
    return {"schema": _SCHEMA, "data": [_row(member) for member in members]}


def _row(member: Member) -> list[str]:
    """Return a member's hashes in the order of the schema; what is not known stays empty."""
    digests: dict[str, str] = {each.kind: each.digest for each in member}
    return [digests.get(kind, "") for kind in _KINDS]


def _fault(answer: Answer) -> NotTaken:
    error = error_of(answer)
    code = error.get("code")
    if not isinstance(code, int):
        return NotTaken(f"meta_{answer.status}", lasting=400 <= answer.status < 500)
    passing = bool(error.get("is_transient")) or code in _PASSING or answer.status >= 500
    return NotTaken(f"meta_{code}", lasting=not passing)
