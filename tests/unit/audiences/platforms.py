"""Google's and Meta's side of audiences: strict about every byte, and knowing who is in a list.

Written after the references of the Data Manager API (v1) and the Marketing API (v25.0), not after
the code that calls them: what those would refuse is refused here, in the form in which they do.
"""

import hashlib
import hmac
import json
import re
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

import trustme

from portrait.channels.https import Answer

AUTHORITY = trustme.CA()
HEX = re.compile(r"[0-9a-f]{64}")
GOOGLE_SECRET = {"client_id": "c", "client_secret": "s", "refresh_token": "r"}
META_SECRET = {"access_token": "EAAB", "app_secret": "shh"}
ACCOUNT, MANAGER, GOOGLE_LIST, META_LIST = "1234567890", "9876543210", "55501", "23850001"


class Refusal(Exception):
    """An answer that is not a success, as the platform words it."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


def google_refusal(status: int, code: str, reason: str = "") -> Refusal:
    details = [{"reason": reason or code, "domain": "datamanager.googleapis.com"}]
    error = {"code": status, "message": "No.", "status": code, "details": details}
    return Refusal(status, {"error": error})


def meta_refusal(code: int, status: int = 400, **more: Any) -> Refusal:
    error = {"message": "No.", "type": "OAuthException", "code": code, **more}
    return Refusal(status, {"error": {**error, "fbtrace_id": "A1"}})


@dataclass
class Platform:
    """Both platforms at one address.

    Attributes:
        lists: by id of the list, the (kind, hash) in it.
        asked: method, path and number of rows of each request to a list.
        trouble: asked before each request to a list is worked on; it may raise a Refusal.
        invalid: how many entries of each request Meta says it passed over.
    """

    lists: dict[str, set[tuple[str, str]]] = field(
        default_factory=lambda: {GOOGLE_LIST: set(), META_LIST: set()}
    )
    asked: list[tuple[str, str, int]] = field(default_factory=list)
    heard: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    trouble: Callable[[], None] = lambda: None
    invalid: int = 0

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Return what the platform answers to one request."""
        try:
            told = self._answer(method, path, headers, body)
        except Refusal as refusal:
            return Answer(refusal.status, None, json.dumps(refusal.body).encode())
        return Answer(200, None, json.dumps(told).encode())

    def _answer(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> dict[str, Any]:
        self.heard.append((headers, body))
        if path == "/token":
            return self._token(method, headers, body)
        if path.startswith("/v1/audienceMembers:"):
            return self._google(method, path.rpartition(":")[2], headers, body)
        if found := re.fullmatch(r"/v25\.0/([0-9]+)/users", path):
            return self._meta(method, found[1], headers, body)
        raise Refusal(404, {})

    def _token(self, method: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
        form = dict(parse_qsl(body.decode(), strict_parsing=True))
        if (method, headers["Content-Type"]) != ("POST", "application/x-www-form-urlencoded"):
            raise Refusal(400, {"error": "invalid_request"})
        if form != {"grant_type": "refresh_token", **GOOGLE_SECRET}:
            raise Refusal(400, {"error": "invalid_grant"})
        self.tokens.append(f"ya29.{len(self.tokens)}")
        return {"access_token": self.tokens[-1], "expires_in": 3599, "token_type": "Bearer"}

    def _google(
        self, method: str, verb: str, headers: Mapping[str, str], body: bytes
    ) -> dict[str, Any]:
        if method != "POST" or verb not in ("ingest", "remove"):
            raise google_refusal(404, "NOT_FOUND")
        if not self.tokens or headers.get("Authorization") != f"Bearer {self.tokens[-1]}":
            raise google_refusal(401, "UNAUTHENTICATED")
        self.trouble()
        said = json.loads(body)
        expected = {"destinations", "audienceMembers", "encoding"}
        if verb == "ingest":
            expected |= {"consent", "termsOfService"}
            granted = dict.fromkeys(("adUserData", "adPersonalization"), "CONSENT_GRANTED")
            if said.get("consent") != granted:
                raise google_refusal(400, "INVALID_ARGUMENT", "CONSENT_MISSING")
            if said.get("termsOfService") != {"customerMatchTermsOfServiceStatus": "ACCEPTED"}:
                raise google_refusal(400, "INVALID_ARGUMENT", "TERMS_AND_CONDITIONS_NOT_SIGNED")
        if said.keys() != expected or said["encoding"] != "HEX":
            raise google_refusal(400, "INVALID_ARGUMENT", "INVALID_FORMAT")
        kept = self._google_list(said["destinations"])
        found = [_google_member(member) for member in said["audienceMembers"]]
        if not 1 <= len(found) <= 10_000:
            raise google_refusal(400, "INVALID_ARGUMENT", "TOO_MANY_AUDIENCE_MEMBERS")
        self.asked.append((method, verb, len(found)))
        for each in found:
            kept.update(each) if verb == "ingest" else kept.difference_update(each)
        return {"requestId": f"request-{len(self.asked)}"}

    def _google_list(self, destinations: list[dict[str, Any]]) -> set[tuple[str, str]]:
        (destination,) = destinations
        own = {"accountType": "GOOGLE_ADS", "accountId": ACCOUNT}
        login = destination.pop("loginAccount", own)
        if login not in (own, {"accountType": "GOOGLE_ADS", "accountId": MANAGER}):
            raise google_refusal(403, "PERMISSION_DENIED")
        if destination.keys() != {"operatingAccount", "productDestinationId"}:
            raise google_refusal(400, "INVALID_ARGUMENT", "INVALID_DESTINATION")
        if destination["operatingAccount"] != own:
            raise google_refusal(403, "PERMISSION_DENIED")
        try:
            return self.lists[destination["productDestinationId"]]
        except KeyError:
            raise google_refusal(404, "NOT_FOUND") from None

    def _meta(
        self, method: str, list_id: str, headers: Mapping[str, str], body: bytes
    ) -> dict[str, Any]:
        if method not in ("POST", "DELETE"):
            raise meta_refusal(100)
        token, secret = META_SECRET["access_token"], META_SECRET["app_secret"]
        if headers.get("Authorization") != f"Bearer {token}":
            raise meta_refusal(190, 401)
        self.trouble()
        form = dict(parse_qsl(body.decode(), strict_parsing=True))
        proof = hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        if headers["Content-Type"] != "application/x-www-form-urlencoded":
            raise meta_refusal(100)
        if form.keys() != {"payload", "appsecret_proof"} or form["appsecret_proof"] != proof:
            raise meta_refusal(100)
        if list_id not in self.lists:
            raise meta_refusal(100, error_subcode=33)
        found = _meta_rows(json.loads(form["payload"]))
        self.asked.append((method, list_id, len(found)))
        for each in found:
            kept = self.lists[list_id]
            kept.update(each) if method == "POST" else kept.difference_update(each)
        told = {"audience_id": list_id, "session_id": "1", "num_received": len(found)}
        return {**told, "num_invalid_entries": self.invalid, "invalid_entry_samples": {}}


def _google_member(member: dict[str, Any]) -> list[tuple[str, str]]:
    if member.keys() != {"userData"} or member["userData"].keys() != {"userIdentifiers"}:
        raise google_refusal(400, "INVALID_ARGUMENT", "INVALID_AUDIENCE_MEMBER")
    identifiers = member["userData"]["userIdentifiers"]
    if not 1 <= len(identifiers) <= 10:
        raise google_refusal(400, "INVALID_ARGUMENT", "TOO_MANY_USER_IDENTIFIERS")
    found = []
    for each in identifiers:
        ((name, digest),) = each.items()
        if name not in ("emailAddress", "phoneNumber") or not HEX.fullmatch(digest):
            raise google_refusal(400, "INVALID_ARGUMENT", "INVALID_SHA256_FORMAT")
        found.append(("email" if name == "emailAddress" else "phone", digest))
    return found


def _meta_rows(payload: dict[str, Any]) -> list[list[tuple[str, str]]]:
    if payload.keys() != {"schema", "data"} or payload["schema"] != ["EMAIL", "PHONE"]:
        raise meta_refusal(100)
    if not 1 <= len(payload["data"]) <= 10_000:
        raise meta_refusal(100)
    found = []
    for row in payload["data"]:
        if len(row) != 2 or not any(row) or not all(HEX.fullmatch(d) for d in row if d):
            raise meta_refusal(100)
        found.append([pair for pair in zip(("email", "phone"), row, strict=True) if pair[1]])
    return found


@contextmanager
def serving(platform: Platform) -> Iterator[str]:
    """Answer https requests as the platform until the block ends; yield `host:port`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _reply(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = platform.answer(self.command, self.path, dict(self.headers), body)
            self.send_response(answer.status)
            self.send_header("Content-Type", "application/json; charset=UTF-8")
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = do_DELETE = _reply

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the log is `asked`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("127.0.0.1").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
