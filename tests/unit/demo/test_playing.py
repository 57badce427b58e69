"""The player sends lanes in order, logs what was taken, and forgives no answer but success."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest

from tests.demo import report
from tests.demo.diary import Post, Said
from tests.demo.play import Player

KEYS = {"web": "web-key", "till": "till-key"}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.heard.append(body["messageId"])
        status, answer = self.server.answers.get(body["messageId"], (200, {"success": True}))
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def shop():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.heard, server.answers = [], {}
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


class Queue:
    """Takes every message but those that say `refuse`, ten at most."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, str]]):
        assert len(Entries) <= 10
        self.batches.append([entry["MessageBody"] for entry in Entries])
        failed = [entry for entry in Entries if "refuse" in entry["MessageBody"]]
        return {
            "Successful": [entry for entry in Entries if entry not in failed],
            "Failed": [{"Id": entry["Id"], "Message": "no"} for entry in failed],
        }


@pytest.fixture
def queue() -> Queue:
    return Queue()


@pytest.fixture
def player(shop, queue) -> Player:
    url = f"http://127.0.0.1:{shop.server_address[1]}"
    stack = SimpleNamespace(api_url=url, events_queue_url="q", client=lambda _: queue)
    return Player(stack, KEYS)


def post(id: str, lane: str = "web 1", source: str = "web") -> Post:
    body = {"type": "track", "event": "x", "anonymousId": "a", "messageId": id}
    return Post(0, source, lane, [Said(body, 1)])


def test_the_posts_of_a_lane_are_sent_in_order(player, shop):
    lanes = ["web 1", "web 2", "web 3"]

    player.play([post(f"{lane}-{number}", lane) for number in range(10) for lane in lanes])

    for lane in lanes:
        expected = [f"{lane}-{number}" for number in range(10)]
        assert [id_ for id_ in shop.heard if id_.startswith(lane)] == expected
        logged = sorted(player.sent, key=lambda one: one.order)
        ids = [one.body["messageId"] for one in logged]
        assert [id_ for id_ in ids if id_.startswith(lane)] == expected


@pytest.mark.parametrize(
    "answer",
    [(503, {"success": False}), (202, {"success": True}), (200, {"success": False})],
    ids=["unavailable", "accepted", "no success"],
)
def test_an_answer_that_is_no_success_is_a_fault_and_not_logged(player, shop, answer):
    shop.answers["m2"] = answer

    player.play([post("m1"), post("m2"), post("m3")])

    assert [one.body["messageId"] for one in player.sent] == ["m1", "m3"]
    assert len(player.faults) == 1


def test_no_answer_at_all_is_a_fault(player, shop):
    player._stack.api_url = "http://127.0.0.1:9"

    player.play([post("m1")])

    assert player.sent == []
    assert "did not answer" in player.faults[0]


def test_queue_messages_go_in_tens_and_a_refused_one_is_a_fault(player, queue):
    posts = [post(f"m{number}", "till 1", "till") for number in range(12)]
    posts[3].said[0].body["messageId"] = "refuse"

    player.play([*posts, Post(0, "queue", "till 1", raw="not json")])

    assert [len(batch) for batch in queue.batches] == [10, 3]
    assert json.loads(queue.batches[0][0])["writeKey"] == "till-key"
    assert len(player.sent) == 12
    assert player.sent[-1].body == "not json"
    assert player.faults == ["the queue refused a message: no"]


def test_the_report_spells_out_the_first_differences_and_counts_the_others(capsys):
    report.verdict("everything", [f"difference {number}" for number in range(30)])

    printed = capsys.readouterr().out
    assert "30 differences" in printed
    assert "* difference 0\n" in printed
    assert "difference 29" not in printed
    assert "18 more" in printed
