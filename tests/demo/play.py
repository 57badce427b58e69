"""Play posts through real HTTP and the real queue, and write down everything that was sent."""

import itertools
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import urllib3

from tests.demo import wire
from tests.demo.diary import Post
from tests.demo.stack import Stack
from tests.demo.told import ONE_CLICK, Sent, parse

SENDERS = 2
QUEUE_ENTRIES = 10  # what SQS takes in one request
QUEUE_SOURCES = {"till", "queue", "ses"}
TIMEOUT_SECONDS = 30


class Player:
    """Sends posts and keeps the log the oracle folds.

    Attributes:
        sent: every event that was taken, as its client sent it.
        faults: one sentence for each answer that a client would not take for success.
    """

    def __init__(self, stack: Stack, write_keys: Mapping[str, str]) -> None:
        self._stack, self._keys = stack, write_keys
        self._http = urllib3.PoolManager(maxsize=SENDERS, retries=False)
        self._sqs = stack.client("sqs")
        self._order = itertools.count()
        self.sent: list[Sent] = []
        self.faults: list[str] = []

    def play(self, posts: Sequence[Post]) -> None:
        """Send the posts: lanes side by side, each lane in order and each post after its answer."""
        lanes: dict[str, list[Post]] = {}
        for post in posts:
            lanes.setdefault(post.lane, []).append(post)
        senders = ThreadPoolExecutor(SENDERS, thread_name_prefix="sender")
        try:
            for done in [senders.submit(self._lane, lane) for lane in lanes.values()]:
                done.result()
        finally:
            senders.shutdown(cancel_futures=True)  # Ctrl-C waits for what is under way alone

    def leave(self, link: str, address: str, phase: int) -> None:
        """Use the way out in an e-mail, as a mail program does (RFC 8058), and note the word."""
        answer = self._http.request(
            "POST", link, body=b"List-Unsubscribe=One-Click", timeout=TIMEOUT_SECONDS
        )
        if answer.status != 200:
            self.faults.append(f"the way out of an e-mail answered {answer.status}")
            return
        self._note(Post(phase, ONE_CLICK, ""), [{"email": address}], clock())

    def _lane(self, posts: Sequence[Post]) -> None:
        if posts[0].source in QUEUE_SOURCES:
            for start in range(0, len(posts), QUEUE_ENTRIES):
                self._enqueue(posts[start : start + QUEUE_ENTRIES])
            return
        for post in posts:
            self._request(post)

    def _request(self, post: Post) -> None:
        now = clock()
        events = [wire.timed(said, now) for said in post.said]
        make = wire.browser if post.source == "web" else wire.server
        request = make(events, self._keys[post.source])
        try:
            answer = self._http.request(
                "POST",
                self._stack.api_url + request.path,
                body=request.body,
                headers=request.headers,
                timeout=TIMEOUT_SECONDS,
            )
        except urllib3.exceptions.HTTPError as error:
            self.faults.append(f"{request.path} did not answer: {error}")
            return
        if answer.status != 200 or answer.json().get("success") is not True:
            self.faults.append(f"{request.path} answered {answer.status}: {answer.data[:200]!r}")
            return
        self._note(post, events, now)

    def _enqueue(self, posts: Sequence[Post]) -> None:
        now = clock()
        contents = [[wire.timed(said, now) for said in post.said] for post in posts]
        bodies = [
            post.raw or wire.queued(events, self._keys.get(post.source, ""))
            for post, events in zip(posts, contents, strict=True)
        ]
        entries = [{"Id": str(i), "MessageBody": body} for i, body in enumerate(bodies)]
        answer = self._sqs.send_message_batch(
            QueueUrl=self._stack.events_queue_url, Entries=entries
        )
        for failed in answer.get("Failed", ()):
            self.faults.append(f"the queue refused a message: {failed.get('Message')}")
        taken = {int(entry["Id"]) for entry in answer["Successful"]}
        for place, (post, events) in enumerate(zip(posts, contents, strict=True)):
            if place in taken:
                self._note(post, events or [parse(post.raw)], now)

    def _note(self, post: Post, events: Sequence[Any], now: int) -> None:
        for event in events:
            order = next(self._order)
            self.sent.append(Sent(post.phase, order, post.source, event, now))


def clock() -> int:
    """Return now in UTC milliseconds."""
    return time.time_ns() // 1_000_000
