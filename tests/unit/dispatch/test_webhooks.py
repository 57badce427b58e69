"""Webhooks over real TLS: signed, pinned, bounded, never redirected, and tried again."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import trustme
from standardwebhooks import Webhook

from portrait.channels import Deferred, Refused, Sent, Unknown, https, webhook
from portrait.channels.signing import sign, signing_secret
from portrait.dispatch import send_message
from portrait.faults import Rejected
from tests.unit.dispatch.desks import (
    ALERT,
    NOW,
    SECRET,
    World,
    a_message,
    a_portrait,
    a_webhook_channel,
    an_outgoing,
)
from tests.unit.dispatch.https_servers import AUTHORITY, HOST, Script, Server, saying, status

BODY = b'{"type":"order.high_value","total":250}'


@pytest.fixture(autouse=True)
def _trust(monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    monkeypatch.setattr(https, "trusted", lambda: context)


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(script: Script, **options: object) -> Server:
        servers.append(Server(script, **options))  # type: ignore[arg-type]
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def send(
    server: Server, *, addresses: tuple[str, ...] = ("127.0.0.1",), attempt: int = 0,
    clock: Callable[[], int] = lambda: int(time.time() * 1000), **fields: object,
):  # fmt: skip
    """Send one webhook to the server, which the world knows as `hooks.example.com`."""
    asked: list[str] = []

    def resolver(host: str, _port: int) -> list[str]:
        asked.append(host)
        # A name that answers differently the second time, as in DNS rebinding.
        return list(addresses) if len(asked) == 1 else ["169.254.169.254"]

    own = frozenset({f"{HOST}:{server.port}"})
    channel = a_webhook_channel(clock, private_hosts=own, resolver=resolver)
    url = f"https://{HOST}:{server.port}/orders?shop=1"
    template = replace(ALERT, url=url, body=BODY.decode(), **fields)  # type: ignore[arg-type]
    outgoing = an_outgoing(template, message_id="m" * 24, attempt=attempt)
    result = channel.compose(outgoing)()
    assert asked == [HOST]
    return result


def later(reason: str, wait: int = 5_000) -> Deferred:
    return Deferred(reason, wait, counts=True)


def head_of(request: bytes) -> dict[str, str]:
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    return {"": lines[0]} | {k.lower(): v for k, _, v in (x.partition(": ") for x in lines[1:])}


def test_the_published_library_accepts_the_signature(serve):
    server = serve(status(204))

    assert send(server) == Sent()

    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    received = Webhook(signing_secret(SECRET, "alert")).verify(body, head_of(head))
    assert received == {"type": "order.high_value", "total": 250}


def test_a_signature_is_the_one_of_the_standard():
    # Source: Standard Webhooks 1.0, example of a symmetric signature.
    whsec = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'

    signature = sign(whsec, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body)

    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_each_template_has_a_secret_of_its_own():
    assert signing_secret(SECRET, "alert") != signing_secret(SECRET, "other")
    assert signing_secret(SECRET, "alert") != signing_secret(b"another stack", "alert")


def test_the_request_goes_to_the_address_and_asks_for_the_name(serve):
    server = serve(status(200))

    send(server)

    head = head_of(server.requests[0])
    assert head[""] == "POST /orders?shop=1 HTTP/1.1"
    assert head["host"] == f"{HOST}:{server.port}"
    assert head["content-type"] == "application/json"
    assert head["webhook-id"] == "m" * 24
    assert server.requests[0].endswith(b"\r\n\r\n" + BODY)
    assert server.names == [HOST]


@pytest.mark.parametrize(
    ("script", "result"),
    [
        (status(200), Sent()),
        (status(202), Sent()),
        (status(301, "Location: https://evil.example/"), Refused("status_301")),
        (status(307, "Location: https://evil.example/"), Refused("status_307")),
        (status(400), Refused("status_400")),
        (status(404), Refused("status_404")),
        (status(410), Refused("gone")),
        (status(408), later("status_408")),
        (status(425), later("status_425")),
        (status(429), later("status_429")),
        (status(429, "Retry-After: 120"), later("status_429", 120_000)),
        (status(429, "Retry-After: 2"), later("status_429")),
        (status(429, "Retry-After: soon"), later("status_429")),
        (status(503, "Retry-After: 999999999999"), later("status_503", 86_400_000)),
        (status(503), later("status_503")),
        (status(500), later("status_500")),
        (status(504), later("status_504")),
    ],
    ids=lambda value: str(value) if not callable(value) else "",
)
def test_what_an_answer_means(serve, script, result):
    server = serve(script)

    assert send(server) == result
    assert len(server.requests) == 1


def test_a_redirect_is_not_followed(serve):
    other = serve(status(200))
    server = serve(status(302, f"Location: https://{HOST}:{other.port}/"))

    assert send(server) == Refused("status_302")
    assert other.requests == []


@pytest.mark.parametrize(
    "script",
    [
        lambda connection: None,
        saying("SSH-2.0-OpenSSH_9.2\n"),
        saying("HTTP/1.1 200 OK\n" + "X-Filler: x\n" * 200 + "\n"),
        saying("HTTP/1.1 2000 OK\n\n"),
        lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000),
    ],
    ids=["silence", "another protocol", "too many headers", "no status", "an endless header"],
)
def test_after_an_answer_that_makes_no_sense_it_is_tried_again_and_in_the_end_unknown(
    serve, script
):
    server = serve(script)

    again = send(server)
    last = send(server, attempt=9)

    assert isinstance(again, Deferred)
    assert again == later(again.reason)
    assert last == Unknown(again.reason)


def test_no_answer_in_time_is_no_answer(serve, monkeypatch):
    monkeypatch.setattr(webhook, "TIMEOUT_SECONDS", 0.3)
    stop = threading.Event()
    server = serve(lambda connection: stop.wait(20))

    assert send(server) == later("no_answer_TimeoutError")
    stop.set()


def test_an_answer_in_drips_does_not_outlast_the_deadline(serve, monkeypatch):
    monkeypatch.setattr(webhook, "TIMEOUT_SECONDS", 0.5)
    sent = []

    def drip(connection: ssl.SSLSocket) -> None:
        for byte in b"HTTP/1.1 200 OK" + b"\r\nX-Drip: x" * 60:
            connection.sendall(bytes([byte]))
            sent.append(byte)
            time.sleep(0.05)

    server = serve(drip)

    assert isinstance(send(server), Deferred)
    assert len(sent) < 100


def test_a_huge_answer_is_not_read_to_its_end(serve):
    sent = []

    def flood(connection: ssl.SSLSocket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
        for _ in range(1_000):
            connection.sendall(b"x" * 100_000)
            sent.append(100_000)

    server = serve(flood)

    assert send(server) == Sent()
    server.close()
    assert sum(sent) < 50_000_000


def test_a_certificate_that_is_not_trusted_gets_nothing(serve):
    server = serve(status(200), authority=trustme.CA())

    assert send(server) == later("untrusted_certificate")
    assert server.requests == []


def test_a_certificate_of_another_name_gets_nothing(serve):
    server = serve(status(200), name="other.example.com")

    assert send(server) == later("untrusted_certificate")
    assert server.requests == []


def test_the_next_address_is_tried_when_the_first_takes_no_connection(serve):
    server = serve(status(200))

    assert send(server, addresses=("127.0.0.2", "127.0.0.1")) == Sent()


def test_where_nothing_listens_the_message_waits(serve):
    server = serve(status(200))
    server.close()

    assert send(server) == later("unreachable")


def test_a_webhook_goes_through_the_same_desk_as_a_mail(serve):
    server = serve(status(204))
    world = World(a_portrait(consent=None))
    own = frozenset({f"{HOST}:{server.port}"})
    url = f"https://{HOST}:{server.port}/orders"
    channel = a_webhook_channel(
        world.clock, private_hosts=own, resolver=lambda _host, _port: ["127.0.0.1"]
    )
    composer = replace(
        world.desk.composer,
        channels={"webhook": channel},
        catalogue=replace(
            world.desk.composer.catalogue, templates={"alert": replace(ALERT, url=url)}
        ),
    )
    desk = replace(world.desk, composer=composer)
    happening = {"name": "Order Completed", "properties": {"total": 250}}
    message = a_message(channel="webhook", template="alert", purpose="service", happening=happening)

    assert [send_message(message, desk).state for _ in range(2)] == ["sent", "sent"]

    (request,) = server.requests
    assert request.endswith(b'{"type":"order.high_value","total":250}')
    assert head_of(request)["webhook-id"] == message.id


def test_after_the_last_try_it_is_told_whether_it_may_have_arrived(serve):
    failing, closed = serve(status(500)), serve(status(200))
    closed.close()

    assert send(failing, attempt=9) == Unknown("status_500")
    assert send(closed, attempt=9) == Refused("unreachable")


def test_each_try_has_the_same_id_and_a_signature_of_its_own_time(serve):
    server = serve(status(500))

    for attempt, now in enumerate((NOW, NOW + 5_000)):
        send(server, attempt=attempt, clock=lambda now=now: now)

    first, second = map(head_of, server.requests)
    assert first["webhook-id"] == second["webhook-id"] == "m" * 24
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 5
    assert first["webhook-signature"] != second["webhook-signature"]


@pytest.mark.parametrize(("days", "signatures"), [(-1, 2), (0, 1)])
def test_until_the_day_the_secret_before_signs_too(serve, days, signatures):
    server = serve(status(204))
    now = int(time.time() * 1000)
    now -= now % 86_400_000  # midnight: the day begins
    day = time.strftime("%Y-%m-%d", time.gmtime(now / 1000))
    fields = {"secret_version": 2, "previous_secret_until": day}

    assert send(server, clock=lambda: now + days * 1_000, **fields) == Sent()

    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    known = head_of(head)
    assert len(known["webhook-signature"].split(" ")) == signatures
    secrets = [signing_secret(SECRET, "alert", version) for version in (2, 1)]
    made = [sign(each, "m" * 24, int(known["webhook-timestamp"]), body) for each in secrets]
    assert known["webhook-signature"].split(" ") == made[:signatures]


def test_a_body_that_is_too_large_is_refused_before_anything_is_sent():
    template = replace(ALERT, body='{"a": "' + "x" * 20_000 + '"}')

    with pytest.raises(Rejected, match="body_too_large"):
        a_webhook_channel(lambda: NOW).compose(an_outgoing(template))
