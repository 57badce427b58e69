"""Google Customer Match: members of a customer list, changed through the Data Manager API.

Beside it, in google_audience.md, is what an account needs.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urlencode

import msgspec

from portrait.audiences import Destination
from portrait.audiences.identifiers import Identifier
from portrait.audiences.pushing import Change, Member, NotTaken
from portrait.channels.audience_calls import Send, content, error_of
from portrait.channels.https import Answer

API = "https://datamanager.googleapis.com"
TOKENS = "https://oauth2.googleapis.com"

MAX_MEMBERS = 10_000
"""In one request. Source: Data Manager API, "Limits and quotas"."""

_FIELDS = {"email": "emailAddress", "phone": "phoneNumber"}
_CONSENT = {"adUserData": "CONSENT_GRANTED", "adPersonalization": "CONSENT_GRANTED"}
_TERMS = {"customerMatchTermsOfServiceStatus": "ACCEPTED"}
_EARLY_MS = 60_000

Secret = Mapping[str, str]


@dataclass(slots=True)
class AccessToken:
    """What a refresh token is exchanged for, until shortly before it expires.

    Attributes:
        secret: returns `client_id`, `client_secret` and `refresh_token`, and perhaps
            `quota_project`.
        clock: returns UTC milliseconds.
        project: the Google Cloud project whose quota is used, where it is not the client's own.
    """

    secret: Callable[[], Secret]
    send: Send
    clock: Callable[[], int]
    url: str = TOKENS
    project: str = ""
    _token: str = ""
    _until: int = 0

    def get(self) -> str:
        """Return a token that is valid now.

        Raises:
            NotTaken: Google gave none; lasting where it says that it never will.
        """
        if self.clock() >= self._until:
            self._exchange()
        return self._token

    def forget(self) -> None:
        """Ask for another one next time."""
        self._until = 0

    def _exchange(self) -> None:
        known = self.secret()
        try:
            given = {name: known[name] for name in ("client_id", "client_secret", "refresh_token")}
        except KeyError as error:
            raise NotTaken("google_secret_incomplete", lasting=True) from error
        body = urlencode({"grant_type": "refresh_token", **given}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self.send("POST", f"{self.url}/token", headers, body)
        told = content(answer)
        if answer.status != 200 or not isinstance(told.get("access_token"), str):
            # `invalid_grant`: it was revoked, or a person must sign in again.
            lasting = 400 <= answer.status < 500 and answer.status != 429
            raise NotTaken(f"google_token_{answer.status}", lasting=lasting)
        self._token, self.project = told["access_token"], known.get("quota_project", "")
        self._until = self.clock() + int(told.get("expires_in", 0)) * 1000 - _EARLY_MS


@dataclass(frozen=True, slots=True)
class GoogleLists:
    """Customer lists of Google Ads.

    Google takes a request whole or not at all, and works on it within a day. Both methods may be
    repeated without harm.
    """

    send: Send
    token: AccessToken
    url: str = API

    def change(self, destination: Destination, change: Change) -> Mapping[str, int]:
        """Make the change, removals first: one person may be known by several identifiers.

        Raises:
            NotTaken: some of it was not taken.
        """
        removed: list[Member] = [(each,) for each in sorted(change.removed)]
        requests = self._all("remove", destination, removed)
        requests += self._all("ingest", destination, sorted(change.members))
        return {"added": len(change.members), "removed": len(removed), "requests": requests}

    def _all(self, method: str, destination: Destination, members: Sequence[Member]) -> int:
        requests = 0
        for some in chunks(members, MAX_MEMBERS):
            self._call(method, _body(method, destination, some))
            requests += 1
        return requests

    def _call(self, method: str, body: bytes) -> None:
        headers = {
            "Authorization": f"Bearer {self.token.get()}",
            "Content-Type": "application/json",
        }
        if self.token.project:
            headers["x-goog-user-project"] = self.token.project
        answer = self.send("POST", f"{self.url}/v1/audienceMembers:{method}", headers, body)
        if answer.status != 200:
            if answer.status == 401:
                self.token.forget()
            raise _fault(answer)


def chunks(members: Iterable[Member], size: int) -> Iterator[list[Member]]:
    """Yield the members in lists of at most `size`."""
    rest = iter(members)
    while some := list(islice(rest, size)):
        yield some


def _body(method: str, destination: Destination, members: Iterable[Member]) -> bytes:
    content: dict[str, Any] = {
        "destinations": [_destination(destination)],
        "audienceMembers": [
            {"userData": {"userIdentifiers": [_identifier(each) for each in member]}}
            for member in members
        ],
        "encoding": "HEX",
    }
    if method == "ingest":  # who is taken out need not have agreed to it
        content |= {"consent": _CONSENT, "termsOfService": _TERMS}
    return msgspec.json.encode(content)


def _destination(destination: Destination) -> dict[str, Any]:
    accounts = {"operatingAccount": _account(destination.account_id)}
    if destination.login_account_id:
        accounts["loginAccount"] = _account(destination.login_account_id)
    return {**accounts, "productDestinationId": destination.list_id}


def _account(id: str) -> dict[str, str]:
    return {"accountType": "GOOGLE_ADS", "accountId": id}


def _identifier(each: Identifier) -> dict[str, str]:
    return {_FIELDS[each.kind]: each.digest}


def _fault(answer: Answer) -> NotTaken:
    """Return why Google did not take it.

    Source: google.rpc.Code in the mapping to HTTP; RESOURCE_EXHAUSTED (429) is a quota per minute
    or day, which passes while the hints wait for their next turn on the queue.
    """
    status = error_of(answer).get("status")
    reason = f"google_{status.lower()}" if isinstance(status, str) else f"google_{answer.status}"
    passing = answer.status in (408, 429, 499) or answer.status >= 500
    return NotTaken(reason, lasting=not passing)
