"""Play three weeks in a virtual account, let people answer what they get, and count what came."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.demo.feedback import Delivered, notification
from tests.demo.weeks.people import KINDS, WEEKS_MS, Script, Shopper, crowd
from tests.faults.account import Reach
from tests.faults.ages import DAY_MS, HOUR_MS
from tests.faults.deployment import variables
from tests.faults.said import Said, iso
from tests.faults.world import CALM, World

STEP_MS = 3 * HOUR_MS
START_MS = 1_773_619_200_000
"""2026-03-16T00:00:00Z: a Monday; daylight saving begins in Europe in the second week."""

KEYS = {
    "web": "weeks-web-write-key-01", "shop": "weeks-shop-write-key-01",
    "import": "weeks-import-write-key-01",
}  # fmt: skip
SETTINGS = {
    "campaign/high_value_order.status": "paused",  # its webhook would leave this machine
    "policy/default.quiet_hours": '{from: "21:00", to: "08:00", time_zone: Europe/Stockholm}',
}
OPENS, CLICKS = 0.45, 0.2


@dataclass
class Weeks:
    """The weeks as they are played."""

    world: World
    script: Script
    shoppers: dict[str, Shopper]
    due: list[Said]
    answered: int = 0
    campaigns: dict[str, str] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)

    def play(self) -> Iterator[int]:
        """Play to the end; yield the day each time one is over."""
        clock = self.world.account.clock
        while clock.now_ms < self.script.start + WEEKS_MS:
            until = clock.now_ms + STEP_MS
            self._step(until)
            clock.advance_to(until)
            day, rest = divmod(clock.now_ms - self.script.start, DAY_MS)
            if rest < STEP_MS:
                yield day
        self.world.run()

    def _step(self, until: int) -> None:
        said = [one for one in self.due if one.told_at < until]
        self.due = [one for one in self.due if one.told_at >= until]
        self.world.clients.plan(sorted(said, key=lambda one: (one.told_at, one.key)))
        self.world.timers.until = until
        self.world.run()
        self._answers()

    def _answers(self) -> None:
        """Let people open, click and order because of what they got since the last time."""
        mails = self.world.account.mails
        for mail in mails[self.answered :]:
            shopper = self.shoppers[mail.to]
            for kind, details, delay in self._reaction():
                self._report(mail.message, mail.to, kind, details, mail.at + delay)
            campaign = self._campaign(mail.message)
            if self.script.random.random() < shopper.orders_after.get(campaign, 0.02):
                at = max(self.world.now, mail.at + int(self.script.random.expovariate(1 / HOUR_MS)))
                self.due.append(self.script.order(shopper, at))
        self.answered = len(mails)

    def _reaction(self) -> Iterator[tuple[str, dict[str, Any], int]]:
        random = self.script.random
        yield "Delivery", {}, 2000
        delay = int(random.expovariate(1 / HOUR_MS)) + 60_000
        if random.random() < OPENS:
            yield "Open", {"ipAddress": "192.0.2.1", "userAgent": "Thunderbird"}, delay
        if random.random() < CLICKS:
            details = {
                "link": "https://shop.example/news", "ipAddress": "192.0.2.1",
                "userAgent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
            }  # fmt: skip
            yield "Click", details, delay + 9000

    def _report(self, message: str, to: str, kind: str, details: dict[str, Any], at: int) -> None:
        told = notification(Delivered(message, to), kind, details | {"timestamp": iso(at)})
        self.world.account.put(variables()["EVENTS_QUEUE_URL"], json.dumps(told))

    def _campaign(self, message: str) -> str:
        for body in self._unread():
            told = json.loads(body)
            self.campaigns[told["id"]] = told["campaign"]
        return self.campaigns[message]

    def _unread(self) -> set[str]:
        """Return what was asked to be sent since it was looked at last."""
        new = self.world.messages.handed - self.read
        self.read |= new
        return new


def weeks(reach: Reach, *, seed: int, people: int) -> Weeks:
    """Return the weeks, ready to be played."""
    world = World(reach, seed=seed, weather=CALM)
    world.account.clock.advance_to(START_MS)
    script = Script(Random(seed), START_MS)
    some = crowd(script.random, people)
    due = [said for one in some for said in KINDS[one.kind][1](script, one)]
    return Weeks(world, script, {one.email: one for one in some}, due)
