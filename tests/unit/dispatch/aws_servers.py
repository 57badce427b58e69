"""Services of AWS over real HTTP: they read what is sent by botocore's own model, and may fail."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

import botocore.session
from botocore.config import Config
from botocore.model import Shape
from botocore.validate import ParamValidator

Answer = Callable[[BaseHTTPRequestHandler], None]

SESSION = botocore.session.Session()
SESSION.set_credentials("AKIAEXAMPLE", "secret")


def answering(status: int, body: str, kind: str, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        content = body.encode()
        handler.send_response(status)
        given = {"Content-Type": kind, "Content-Length": str(len(content)), **headers}
        for name, value in given.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """Read the request, and close without a word."""
    handler.close_connection = True


def say_nothing(handler: BaseHTTPRequestHandler) -> None:
    """Read the request, and let the client wait."""
    handler.server.released.wait(5)  # type: ignore[attr-defined]
    handler.close_connection = True


def half(handler: BaseHTTPRequestHandler) -> None:
    """Begin an answer that never ends."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{")
    handler.close_connection = True


class AwsServer:
    """One service: it answers what the test says, else `usual`, and keeps what it was asked."""

    def __init__(self, service: str, read: Callable[[Any, bytes], Any], usual: Answer) -> None:
        self.service = service
        self.requests: list[Any] = []
        self.answers: list[Answer] = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(handler) -> None:
                body = handler.rfile.read(int(handler.headers["Content-Length"]))
                handler.request = read(handler.headers, body)
                self.requests.append(handler.request)
                (self.answers.pop(0) if self.answers else usual)(handler)

            def log_message(self, *_: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.released = threading.Event()  # type: ignore[attr-defined]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def client(self, *, timeout: float = 0.5) -> Any:
        """Return a client such as `store.session.client(…, attempts=1)` makes."""
        config = Config(
            connect_timeout=timeout,
            read_timeout=timeout,
            retries={"total_max_attempts": 1, "mode": "standard"},
            parameter_validation=False,
            proxies={},
        )
        return SESSION.create_client(
            self.service, region_name="eu-north-1", endpoint_url=self.url, config=config
        )

    def close(self) -> None:
        self._server.released.set()  # type: ignore[attr-defined]
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def text_messaging() -> Iterator[AwsServer]:
    """End User Messaging: awsJson1.0, every request checked by its model."""
    sent = answering(200, '{"MessageId": "sms-1"}', "application/x-amz-json-1.0")
    server = AwsServer("pinpoint-sms-voice-v2", _read_json, sent)
    yield server
    server.close()


@contextmanager
def notifications() -> Iterator[tuple[AwsServer, "Sns"]]:
    """SNS: the query protocol, every request checked by its model, and what it keeps."""
    sns = Sns()
    server = AwsServer("sns", _read_query, sns)
    yield server, sns
    server.close()


def _read_json(headers: Any, body: bytes) -> dict[str, Any]:
    prefix, _, operation = headers["X-Amz-Target"].partition(".")
    assert (prefix, headers["Content-Type"]) == ("PinpointSMSVoiceV2", "application/x-amz-json-1.0")
    return _checked("pinpoint-sms-voice-v2", operation, json.loads(body))


def _read_query(_headers: Any, body: bytes) -> dict[str, Any]:
    flat = dict(parse_qsl(body.decode(), strict_parsing=True, keep_blank_values=True))
    operation, given = flat.pop("Action"), {}
    assert flat.pop("Version") == "2010-03-31"
    for name, value in flat.items():
        field, *path = name.split(".")
        if path:  # a map, written as entry.<n>.key (or Name) and entry.<n>.value (or Value)
            entry = given.setdefault(field, {}).setdefault(path[1], {})
            entry[".".join(path[2:]).lower()] = value
        else:
            given[field] = value
    for field in ("Attributes", "MessageAttributes"):
        if field in given:
            given[field] = {e.pop(next(iter(e))): _value(e) for e in given[field].values()}
    return _checked("sns", operation, given)


def _value(entry: dict[str, str]) -> Any:
    if "value" in entry:
        return entry["value"]
    return {"DataType": entry["value.datatype"], "StringValue": entry["value.stringvalue"]}


def _checked(service: str, operation: str, given: dict[str, Any]) -> dict[str, Any]:
    shape = SESSION.get_service_model(service).operation_model(operation).input_shape
    assert given.keys() <= shape.members.keys()
    problems = ParamValidator().validate(given, shape).generate_report()
    assert not problems, problems
    for name, value in given.items():
        _fits(shape.members[name], value)
    return {"operation": operation, **given}


def _fits(shape: Shape, value: Any) -> None:
    """Check what botocore's validator leaves to the service: patterns, values and lengths."""
    if pattern := shape.metadata.get("pattern"):
        assert re.fullmatch(pattern, value), (shape.name, value)
    assert value in (shape.metadata.get("enum") or [value])
    size = value if isinstance(value, int) else len(value)
    assert shape.metadata.get("min", 0) <= size <= shape.metadata.get("max", size), shape.name


class Sns:
    """Platform endpoints as SNS keeps them, and what was published to each."""

    def __init__(self) -> None:
        self.endpoints: dict[str, dict[str, str]] = {}
        self.published: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        request = handler.request
        getattr(self, f"_{request['operation']}")(request)(handler)

    def arn(self, token: str) -> str:
        """Return the endpoint of a token."""
        return next(arn for arn, each in self.endpoints.items() if each["Token"] == token)

    def texts(self, token: str) -> list[dict[str, Any]]:
        """Return what was published to the endpoint of a token, by platform."""
        return [json.loads(m["Message"]) for arn, m in self.published if arn == self.arn(token)]

    def _CreatePlatformEndpoint(self, request: dict[str, Any]) -> Answer:
        application, token = request["PlatformApplicationArn"], request["Token"]
        base = application.replace(":app/", ":endpoint/")
        for arn, known in self.endpoints.items():
            if arn.startswith(base) and known["Token"] == token:
                if known.get("CustomUserData"):  # ours has none
                    reason = f"Endpoint {arn} already exists with the same Token, but different"
                    message = f"Invalid parameter: Token Reason: {reason} attributes."
                    return xml_error(400, "InvalidParameter", message)
                return _result("CreatePlatformEndpoint", f"<EndpointArn>{arn}</EndpointArn>")
        arn = f"{base}/{len(self.endpoints)}"
        self.endpoints[arn] = {"Token": token, "Enabled": "true"}
        return _result("CreatePlatformEndpoint", f"<EndpointArn>{arn}</EndpointArn>")

    def _SetEndpointAttributes(self, request: dict[str, Any]) -> Answer:
        self.endpoints[request["EndpointArn"]].update(request["Attributes"])
        return _result("SetEndpointAttributes", "")

    def _Publish(self, request: dict[str, Any]) -> Answer:
        arn = request["TargetArn"]
        if arn not in self.endpoints:
            return xml_error(404, "NotFound", "Endpoint does not exist")
        if self.endpoints[arn]["Enabled"] != "true":
            return xml_error(400, "EndpointDisabled", "Endpoint is disabled")
        self.published.append((arn, request))
        return _result("Publish", f"<MessageId>push-{len(self.published)}</MessageId>")


def _result(operation: str, inner: str) -> Answer:
    name = f"{operation}Response"
    body = (
        f'<{name} xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><{operation}Result>{inner}'
        f"</{operation}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{name}>"
    )
    return answering(200, body, "text/xml")


def json_error(status: int, name: str, **members: str) -> Answer:
    """Return an error as awsJson1.0 writes it."""
    kind = f"com.amazonaws.pinpointsmsvoicev2#{name}"
    body = json.dumps({"__type": kind, "Message": "no", **members})
    return answering(status, body, "application/x-amz-json-1.0", **{"x-amzn-ErrorType": name})


def xml_error(status: int, code: str, message: str = "no") -> Answer:
    """Return an error as the query protocol writes it."""
    body = (
        '<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type>'
        f"<Code>{code}</Code><Message>{message}</Message></Error>"
        "<RequestId>r-1</RequestId></ErrorResponse>"
    )
    return answering(status, body, "text/xml")
