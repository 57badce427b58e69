"""Scenes: a few customers, a few documents and a script, played through the product by a clock."""

import contextlib
import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.bench.aws.ledger import Ledger
from tests.bench.aws.wire import connected
from tests.bench.clock import Clock, moved
from tests.bench.meter import Log
from tests.bench.pipeline import Pipeline, handlers
from tests.bench.shop import DAY_MS, account, forget_definitions
from tests.bench.shoppers import Call
from tests.bench.traffic import WRITE_KEY, iso, request

OPENING = 1_772_445_600_000
"""When the first scene begins: Monday 2 March 2026, 10:00 UTC."""


class Said(NamedTuple):
    """What every customer of a scene does at an instant, in ms after it begins."""

    after: int
    event: str
    properties: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Scene:
    """What is published, how many customers there are, what they do, and when it ends.

    Attributes:
        documents: none for the starters.
        settings: `kind/key.field` to value, as people give them when they publish.
        before: what the customers did on the day before, which is not measured.
        lasts: in ms; timers that are due by then have fired.
        introduced: whether they said on the day before who they are, and yes to e-mails.
    """

    documents: Sequence[Mapping[str, Any]] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    script: Sequence[Said] = ()
    before: Sequence[Said] = ()
    lasts: int = 2 * DAY_MS
    customers: int = 1
    traits: Mapping[str, Any] = field(default_factory=dict)
    introduced: bool = True


@dataclass
class Playing:
    """A scene while it is played."""

    scene: Scene
    pipeline: Pipeline
    clock: Clock
    beginning: int = 0
    _number: int = 0

    def say(self, event: str, properties: Mapping[str, Any]) -> None:
        """Let every customer do something now, each in a POST of their own, and act on it."""
        for customer in range(self.scene.customers):
            self.pipeline.post(self.posted(event, properties, customer=customer))
        self.pipeline.drain("events", "profile", 10)
        self.pipeline.finish()

    def posted(
        self, event: str, properties: Mapping[str, Any] | None = None, *, customer: int = 0
    ) -> dict[str, Any]:
        """Return one event of a customer as API Gateway hands it over, to be posted now."""
        self._number += 1
        return request([self._call(customer, event, properties or {})], now=self.clock.now)

    def _call(self, customer: int, event: str, properties: Mapping[str, Any]) -> Call:
        told: Call = {
            "userId": f"S-{customer}", "messageId": f"scene-{self._number}",
            "timestamp": iso(self.clock.now), "sentAt": iso(self.clock.now),
        }  # fmt: skip
        if event == "$identify":
            traits = {"email": f"s{customer}@example.com", "firstName": "Astrid"}
            return {"type": "identify", "traits": {**traits, **self.scene.traits}, **told}
        if event == "$page":
            return {"type": "page", "name": "Product", "properties": dict(properties), **told}
        return {"type": "track", "event": event, "properties": dict(properties), **told}

    def run(self, script: Sequence[Said], until: int) -> None:
        """Play a script from `beginning` on, up to `until` ms after it."""
        for after, event, properties in sorted(script, key=lambda one: one.after):
            self.pipeline.wait(self.clock, self.beginning + after)
            self.say(event, properties)
        self.pipeline.wait(self.clock, self.beginning + until)


@contextlib.contextmanager
def staged(scene: Scene, log: Log) -> Iterator[Playing]:
    """Publish, let the customers introduce themselves and live through the day before."""
    forget_definitions()  # another scene published others
    with moved() as clock, connected(account()) as cloud:
        clock.put(OPENING - DAY_MS)
        publish(scene.documents, scene.settings)
        playing = Playing(scene, Pipeline(cloud, log, handlers()), clock, OPENING - DAY_MS)
        consent = {"channel": "email", "purpose": "marketing"}
        first = [Said(0, "$identify"), Said(1000, "Consent Granted", consent)]
        first = first if scene.introduced else []
        playing.run([*first, *scene.before], DAY_MS)
        playing.beginning = OPENING
        cloud.ledgers.clear()
        yield playing
    forget_definitions()


def play(scene: Scene, log: Log) -> dict[str, Ledger]:
    """Return what every function spends on the script of a scene."""
    with staged(scene, log) as playing:
        playing.run(scene.script, scene.lasts)
        return dict(playing.pipeline.settle())


def publish(documents: Sequence[Mapping[str, Any]], settings: Mapping[str, str]) -> None:
    """Publish documents, or the starters where none are given, as people do."""
    from portrait.definitions.__main__ import main

    words = ["--table", "definitions", "--write-key", f"shop={WRITE_KEY}"]
    words += [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
    said = io.StringIO()
    with contextlib.redirect_stdout(said), tempfile.TemporaryDirectory() as folder:
        where = []
        if documents:
            where = [folder]
            (Path(folder) / "scene.yaml").write_text(yaml.safe_dump_all(documents))
        code = main(["publish", *where, *words])
    if code:
        raise RuntimeError(f"a scene could not be published: {said.getvalue()}")
