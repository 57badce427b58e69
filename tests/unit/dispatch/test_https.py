"""One HTTPS request: its method, and as much of the answer's body as is worth reading."""

import ssl
from collections.abc import Callable, Iterator

import pytest

from portrait.channels import https
from portrait.channels.destination import Destination
from portrait.channels.https import Answer, request
from tests.unit.dispatch.https_servers import AUTHORITY, HOST, Script, Server, saying


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Script], Server]]:
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    monkeypatch.setattr(https, "trusted", lambda: context)
    servers: list[Server] = []

    def start(script: Script) -> Server:
        servers.append(Server(script))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def ask(server: Server, method: str = "DELETE", body: bytes = b"{}") -> Answer:
    there = Destination(HOST, server.port, "/lists/1", ("127.0.0.1",))
    return request(method, there, body, {"X-Name": "1"}, seconds=5)


def test_the_method_and_the_body_arrive(serve):
    server = serve(saying("HTTP/1.1 200 OK\nContent-Length: 0\n\n"))

    ask(server, "DELETE", b'{"members":[]}')

    (heard,) = server.requests
    assert heard.startswith(b"DELETE /lists/1 HTTP/1.1\r\n")
    assert b"\r\nX-Name: 1\r\n" in heard
    assert heard.endswith(b'\r\n\r\n{"members":[]}')


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        ('HTTP/1.1 200 OK\nContent-Length: 8\n\n{"id":1}', b'{"id":1}'),
        ('HTTP/1.1 400 No\nTransfer-Encoding: chunked\n\n8\n{"id":1}\n0\n\n', b'{"id":1}'),
        ('HTTP/1.1 200 OK\n\n{"id":1}', b'{"id":1}'),
        ("HTTP/1.1 204 No Content\n\n", b""),
        ('HTTP/1.1 200 OK\nContent-Length: 9\n\n{"id":1}', b'{"id":1}'),
    ],
    ids=["of a length", "in chunks", "to the end", "none", "cut off"],
)
def test_what_came_back_is_read(serve, answer, body):
    assert ask(serve(saying(answer))).body == body


def test_of_an_endless_answer_only_the_beginning_is_kept(serve):
    def flood(connection: ssl.SSLSocket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
        connection.sendall(b"x" * 1_000_000)

    answer = ask(serve(flood))

    assert answer.status == 200
    assert len(answer.body) == https.MAX_ANSWER_BYTES


def test_megabytes_are_sent_whole(serve):
    server = serve(saying("HTTP/1.1 200 OK\nContent-Length: 0\n\n"))
    body = b"x" * 3_000_000

    assert ask(server, "POST", body).status == 200
    assert server.requests[0].endswith(b"\r\n\r\n" + body)
