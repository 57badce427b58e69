"""Many campaigns want a word with the same people, and everything goes wrong: nobody is wronged."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any

from portrait.strand import CONTACT_STATES, Contact
from tests.demo.feedback import Delivered, notification
from tests.faults.account import Mail, Reach
from tests.faults.ages import DAY_MS, HOUR_MS, MINUTE_MS
from tests.faults.pollers import QueuePoller
from tests.faults.proofs.result import Result
from tests.faults.said import Said, iso
from tests.faults.sending import entries
from tests.faults.sending.crowd import Crowd
from tests.faults.sending.dropped import Dropped
from tests.faults.sending.ledger import Ledger, contacts
from tests.faults.sending.letters import Letters
from tests.faults.sending.people import Answered, People
from tests.faults.sending.programme import NAME
from tests.faults.sending.talks import Talks
from tests.faults.stores import Stores
from tests.faults.world import STORM, Weather, World

STARTS = (datetime(2026, 3, 6, tzinfo=UTC), datetime(2026, 3, 27, tzinfo=UTC),
          datetime(2026, 4, 3, tzinfo=UTC))  # fmt: skip
"""Days before clocks are changed: in America, in Europe, in Australia and New Zealand."""

STEP_MS = 6 * HOUR_MS
QUIET_EVERY = 4
MOST_STEPS = 400
"""So often are timers waited for once nobody does anything any more; then some never end."""

MAILERS = ("sesv2", "pinpoint-sms-voice-v2")
ROUGH_MAIL = {"throttled": 0.06, "unreachable": 0.04, "failed": 0.03, "failed_applied": 0.03,
              "reply_lost": 0.05, "crash_before": 0.01, "crash_after": 0.02}  # fmt: skip
AT_SEA = Weather(
    (*STORM.rates, *((f"{name}:{kind}", rate) for name in MAILERS
                     for kind, rate in ROUGH_MAIL.items())),
    again=0.2, cold=0.02, width=3,
)  # fmt: skip
"""A storm, in which the mailer fails in each of its ways."""

BEFORE_CLICKED = CONTACT_STATES[: CONTACT_STATES.index("clicked")]
CLICKS, BOUNCES, COMPLAINTS, GOODBYES = 0.25, 0.008, 0.008, 0.03


def sends(
    reach: Reach, *, seed: int, people: int = 14, events: int = 700, days: int = 7,
    weather: Weather = AT_SEA,
) -> Result:  # fmt: skip
    """Play some days and everything that follows from them, and judge each quiet point."""
    play = _Play(reach, seed, weather, people=people, days=days)
    result = Result("sends", seed)
    for found in play.play(events):
        result.problems += found
        if result.problems:
            break
    world = play.world
    result.size = world.messages.received
    result.facts.update(world.account.faults.happened)
    result.facts.update(
        mails=sum(mail.channel == "email" for mail in world.account.mails),
        texts=sum(mail.channel == "sms" for mail in world.account.mails),
        timers=world.timers.fired, erased=len(world.clients.erased),
        unsubscribed=len(world.clients.withdrawn), asked=len(play.ledger.says),
        ways=len(play.ledger.branches),
        **Counter(f"held_{one.reason}" for one in play.ledger.held),
    )  # fmt: skip
    return result


class _Play:
    def __init__(
        self, reach: Reach, seed: int, weather: Weather, *, people: int, days: int
    ) -> None:
        self.random = Random(f"sends {seed}")
        self.world = World(reach, seed=seed, weather=weather, programme=NAME)
        start = int(STARTS[seed % len(STARTS)].timestamp() * 1000)
        self.world.account.clock.advance_to(start)
        self.crowd = Crowd(self.random, people=people, start=start, days=days)
        self.until = start + (days + 1) * DAY_MS
        home = Stores(self.world.account).home
        self.ledger = Ledger(self.world.account)
        self.people = People(self.crowd, home)
        self.letters = Letters(self.crowd, self.people, self.ledger)
        self.dropped = Dropped(self.ledger, self.people)
        self.halves = {home(one): half for half in self.crowd.halves for one in half.who}
        self.answered = 0

    def play(self, events: int) -> Iterator[list[str]]:
        """Play it, and yield what is wrong at each quiet point."""
        due = sorted([*self.crowd.beginning(), *self.crowd.days_of(events)],
                     key=lambda one: (one.told_at, one.key))  # fmt: skip
        steps = 0
        while self.world.now < self.until:
            steps += 1
            until = self.world.now + STEP_MS
            said = [one for one in due if one.told_at < until]
            due = due[len(said) :]
            self._step(said, until)
            if steps % QUIET_EVERY == 0:
                yield self._quiet(again=(self.world.messages,) if steps == 4 * QUIET_EVERY else ())
        # A start that was refused may find room when it is told again: what it begins must end too.
        yield self._quiet(again=(self.world.journeys,))
        for _ in range(MOST_STEPS):
            if (at := self.world.account.schedules.next_at()) is None:
                break
            self._step([], max(at, self.world.now) + HOUR_MS)
        yield self._quiet(again=(self.world.messages,), over=True)

    def _step(self, said: list[Said], until: int) -> None:
        world = self.world
        world.account.faults.active = True
        world.clients.plan(said)
        world.timers.until = until
        world.run()
        world.account.clock.advance_to(until)
        self._react()

    def _react(self) -> None:
        """Let people answer what they got since the last time."""
        random, mails = self.random, self.world.account.mails
        for mail in mails[self.answered :]:
            at = self.world.now + random.randrange(MINUTE_MS, 3 * HOUR_MS)
            draw = random.random()
            if draw < GOODBYES:
                self.world.clients.click(mail, at=at)
            elif mail.channel == "email" and draw < GOODBYES + BOUNCES:
                self._report(mail, "Bounce", {"bounceType": "Permanent"}, at)
            elif mail.channel == "email" and draw < GOODBYES + BOUNCES + COMPLAINTS:
                self._report(mail, "Complaint", {}, at)
            elif mail.channel == "email" and draw > 1 - CLICKS:
                details = {"link": "https://shop.example/news", "ipAddress": "192.0.2.1",
                           "userAgent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"}  # fmt: skip
                self._report(mail, "Click", details, at)
        self.answered = len(mails)

    def _report(self, mail: Mail, kind: str, details: dict[str, Any], at: int) -> None:
        details = details | {"timestamp": iso(at)}
        told = notification(Delivered(mail.message, mail.to), kind, details)
        told["mail"]["tags"]["portrait-strand"] = [mail.strand]
        said = Said(f"{kind}-{mail.message}", "ses", kind, (("email", mail.to),), at, at,
                    {"report": json.dumps(told)})  # fmt: skip
        self.world.clients.plan([said])

    def _clicks(self, known: Mapping[str, Contact]) -> Iterator[str]:
        """Yield clicks that were heard of and came to nothing; each is judged, and told again."""
        for one in self.world.clients.heard:
            contact = known.get(one.said.id.removeprefix("Click-"))
            is_click = one.said.source == "ses" and one.said.name == "Click"
            if is_click and contact and contact.campaign and contact.state in BEFORE_CLICKED:
                yield f"a click in {contact.id} is not known of: it is {contact.state}"

    def _quiet(self, *, again: Sequence[QueuePoller] = (), over: bool = False) -> list[str]:
        """Let all come to rest, bring all that a function ever had back, twice, and judge."""
        world = self.world
        world.settle()
        for poller in (*again, *again):
            self._redrive(poller)
        self.ledger.read_on()
        self.people.hear(world.clients.heard)
        self.people.answered = [
            Answered(mail, self._purpose(mail), *instants)
            for mail, *instants in world.clients.withdrawn
        ]
        self.people.bury(self.ledger.buried, world.clients.erased)
        found = list(self._problems(over=over))
        self.people.settled.append(world.now)
        return [*world.clients.problems, *found]

    def _redrive(self, poller: QueuePoller) -> None:
        """Redrive dead letters in full: everything, whatever became of it."""
        world = self.world
        world.account.faults.active = True
        for body in sorted(poller.handed):
            poller.bury(body)
        poller.redrive()
        world.run()
        world.settle()

    def _purpose(self, mail: Mail) -> str:
        return str(self.ledger.says[mail.message].purpose)

    def _problems(self, *, over: bool) -> Iterator[str]:
        world, ledger = self.world, self.ledger
        dossiers, portraits = ledger.dossiers(), ledger.portraits()
        known = {
            id_: one
            for portrait, _ in portraits.values()
            for id_, one in contacts(portrait).items()
        }
        asked = [json.loads(body) for body in world.messages.handed]
        yield from self.letters.problems(world.account.mails, known, dossiers)
        yield from self.dropped.problems(self.halves)
        yield from self._clicks(known)
        talks = Talks(
            ledger, self.people, portraits, dossiers, {one["id"] for one in asked},
            {name for _, name in world.account.schedules}, world.now,
        )  # fmt: skip
        yield from talks.problems(over=over)
        if over:
            keys = {one["journey"]: one["happening"]["properties"]
                    for one in asked if one.get("happening")}  # fmt: skip
            yield from entries.problems(dossiers, keys, ledger, self.people)
