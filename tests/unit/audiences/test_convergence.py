"""Whatever happens and in whatever order it is told: the lists end as the portraits are."""

import hashlib
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from portrait.audiences.pushing import Delivery, NotTaken, push
from portrait.channels.audience_calls import Calls
from portrait.channels.google_audience import AccessToken, GoogleLists
from portrait.channels.https import Answer
from portrait.channels.meta_audience import MetaLists
from portrait.segment_clock import members
from portrait.view import View
from tests.unit.audiences.platforms import (
    GOOGLE_LIST,
    GOOGLE_SECRET,
    META_LIST,
    META_SECRET,
    Platform,
)
from tests.unit.audiences.worlds import CONSENT, World

HOUR_MS = 3_600_000
USERS = ("u1", "u2", "u3")
EMAILS = ("a@mail.example", "B.b@Gmail.com", "c+tag@mail.example", "d@googlemail.com")
PHONES = ("0701111222", "+46703333444")

users = st.sampled_from(USERS)
happenings = st.one_of(
    st.tuples(st.just("join"), users, st.sampled_from(EMAILS), st.sampled_from(PHONES)),
    st.tuples(st.just("email"), users, st.sampled_from(EMAILS)),
    st.tuples(st.just("phone"), users, st.sampled_from(PHONES)),
    st.tuples(st.just("anonymous"), st.sampled_from(EMAILS)),
    st.tuples(st.just("login"), users, st.sampled_from(EMAILS)),
    st.tuples(st.just("grant"), users),
    st.tuples(st.just("withdraw"), users),
    st.tuples(st.just("unsubscribe"), users),
    st.tuples(st.just("buy"), users),
    st.tuples(st.just("wait"), st.integers(1, 30)),
    st.tuples(st.just("erase"), users),
    st.tuples(st.just("unmerge"), users, st.sampled_from(EMAILS)),
)
histories = st.lists(happenings, min_size=3, max_size=25)


class Play:
    """A world, both platforms, and a queue that delivers as it likes."""

    def __init__(self, send: Any = None) -> None:
        self.world = World()
        self.platform = Platform()
        self.queue: list[str] = []
        self.done: list[str] = []
        self.number = 0
        self.meanwhile: Iterator[Any] = iter(())
        send = send or self.send
        token = AccessToken(lambda: GOOGLE_SECRET, send, lambda: self.world.now, "https://g")
        self.platforms = {
            "google": GoogleLists(send, token, "https://g"),
            "meta": MetaLists(send, lambda: META_SECRET, "https://m"),
        }

    def send(self, method: str, url: str, headers: Any, body: bytes) -> Answer:
        """Let the request arrive late: first happens, and is pushed, whatever is next."""
        what = next(self.meanwhile, None)
        if what is not None:
            self.happen(what)
            self.deliver(range(len(self.queue)))
        path = url[len("https://g") :]
        return self.platform.answer(method, path, headers, body)

    def happen(self, what: Any) -> None:
        kind, *terms = what
        getattr(self, kind)(*terms)
        self.world.now += 1
        self.world.wake()
        self.queue += self.world.take_hints()

    def deliver(self, places: Any) -> None:
        """Deliver the hints at these places, in this order, and keep what is not done."""
        bodies = [self.queue[place] for place in places]
        self.number += 1
        report = push(
            [Delivery(str(place), body) for place, body in enumerate(bodies)],
            self.world.table, self.platforms, catalogue=self.world.catalogue,
            clock=lambda: self.world.now, has_time=lambda: True,
        )  # fmt: skip
        assert not report.troubles, report
        for place, body in enumerate(bodies):
            if str(place) not in report.kept:
                self.done.append(body)
                if body in self.queue:
                    self.queue.remove(body)

    def join(self, user: str, email: str, phone: str) -> None:
        self.world.identify(user, email=email, phone=phone)
        self.world.now += 1
        self.grant(user)
        self.buy(user)

    def email(self, user: str, email: str) -> None:
        self.world.identify(user, email=email)

    def phone(self, user: str, phone: str) -> None:
        self.world.identify(user, phone=phone)

    def anonymous(self, email: str) -> None:
        self.world.hear(who={}, name="", kind="identify", traits={"email": email})
        where = {"email": self.world.catalogue.identity.normalise("email", email) or ""}
        self.world.now += 1
        self.world.hear(who=where, name="Consent Granted", properties=CONSENT)
        self.world.hear(who=where, name="Order Completed")

    def login(self, user: str, email: str) -> None:
        normal = self.world.catalogue.identity.normalise("email", email) or ""
        self.world.hear(who={"user_id": user, "email": normal})

    def grant(self, user: str) -> None:
        self.world.consent(user)

    def withdraw(self, user: str) -> None:
        self.world.consent(user, "Withdrawn")

    def unsubscribe(self, user: str) -> None:
        self.world.withdraw_by_link(user)

    def buy(self, user: str) -> None:
        self.world.buy(user)

    def wait(self, hours: int) -> None:
        self.world.now += hours * HOUR_MS

    def erase(self, user: str) -> None:
        self.world.erase(user)

    def unmerge(self, user: str, email: str) -> None:
        normal = self.world.catalogue.identity.normalise("email", email) or ""
        self.world.unmerge(user, "email", normal)

    def expected(self, google: bool) -> set[tuple[str, str]]:
        """Return who should be in a list, from the portraits, without the product's audiences."""
        found = set()
        rules = self.world.catalogue.identity
        for portrait in self.world.table.portraits().values():
            view = View(portrait, {}, self.world.now)
            bought = "buyers" in members(
                portrait.view(self.world.catalogue, self.world.now), self.world.catalogue
            )
            if not bought or view.consent("ads", "advertising") != "granted":
                continue
            own = {(one.namespace, one.value) for one in portrait.ids.values()}
            for kind in ("email", "phone"):
                told = view.trait(kind)
                if told and (kind, rules.normalise(kind, told)) in own:
                    found.add((kind, _hash(kind, told, google)))
        return found


def _hash(kind: str, told: str, google: bool) -> str:
    """Return the hash of one of the addresses of this test, whose normal forms are spelt out."""
    normal = {
        "a@mail.example": ("a@mail.example", "a@mail.example"),
        "B.b@Gmail.com": ("bb@gmail.com", "b.b@gmail.com"),
        "c+tag@mail.example": ("c+tag@mail.example", "c+tag@mail.example"),
        "d@googlemail.com": ("d@googlemail.com", "d@googlemail.com"),
        "0701111222": ("+46701111222", "46701111222"),
        "+46703333444": ("+46703333444", "46703333444"),
    }[told]
    return hashlib.sha256(normal[0 if google else 1].encode()).hexdigest()


def finish(play: Play, order: st.DataObject) -> None:
    """Deliver what is left, in any order, until nothing is."""
    for _ in range(20):
        if not play.queue:
            break
        left = list(range(len(play.queue)))
        play.deliver(order.draw(st.permutations(left)))
    assert play.queue == []
    assert play.platform.lists[GOOGLE_LIST] == play.expected(google=True)
    assert play.platform.lists[META_LIST] == play.expected(google=False)


@settings(max_examples=150, deadline=None)
@given(histories, st.data())
def test_the_lists_end_as_the_portraits_whatever_the_order_and_repetition(history, data):
    play = Play()
    for what in history:
        play.happen(what)
        if play.queue and data.draw(st.booleans()):
            places = st.lists(st.integers(0, len(play.queue) - 1), unique=True, max_size=4)
            again = [data.draw(st.sampled_from(play.done))] if play.done else []
            play.queue += again
            play.deliver(data.draw(places))
    finish(play, data)


@settings(max_examples=100, deadline=None)
@given(histories, st.data())
def test_the_lists_end_as_the_portraits_though_others_push_between_look_and_request(history, data):
    play = Play()
    first, rest = history[: len(history) // 2], history[len(history) // 2 :]
    for what in first:
        play.happen(what)
    play.meanwhile = iter(rest)
    play.deliver(range(len(play.queue)))
    for what in play.meanwhile:
        play.happen(what)
    finish(play, data)


@settings(max_examples=60, deadline=None)
@given(histories, st.data())
def test_the_lists_end_as_the_portraits_though_requests_and_answers_are_lost(history, data):
    play = Play()
    answer = play.platform.answer

    def losing(*request: Any) -> Answer:
        fate = data.draw(st.sampled_from(("", "", "lost", "answer lost")))
        if fate == "lost":
            raise NotTaken("unreachable")
        answered = answer(*request)
        if fate:
            raise NotTaken("no_answer")
        return answered

    play.platform.answer = losing
    for what in history:
        play.happen(what)
        if data.draw(st.booleans()):
            play.deliver(range(len(play.queue)))
    play.platform.answer = answer
    finish(play, data)


def test_the_lists_end_as_the_portraits_over_real_tls(platform, address):
    calls = Calls(frozenset({address}))

    def send(method: str, url: str, headers: Any, body: bytes) -> Answer:
        return calls(method, url.replace("//g", f"//{address}").replace("//m", f"//{address}"),
                     headers, body)  # fmt: skip

    play = Play(send)
    play.platform = platform
    history = [
        ("join", "u1", EMAILS[0], PHONES[0]), ("join", "u2", EMAILS[1], PHONES[1]),
        ("email", "u1", EMAILS[2]), ("anonymous", EMAILS[3]), ("login", "u3", EMAILS[3]),
        ("withdraw", "u2"), ("grant", "u2"), ("erase", "u1"), ("wait", 30), ("buy", "u3"),
    ] * 3  # fmt: skip
    for what in history:
        play.happen(what)
        play.deliver(range(len(play.queue)))
        assert platform.lists[GOOGLE_LIST] == play.expected(google=True)
        assert platform.lists[META_LIST] == play.expected(google=False)
    assert platform.lists[GOOGLE_LIST]
