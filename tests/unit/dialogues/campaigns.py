"""Campaigns of every shape for the tests of dialogues, and one customer who goes through them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from portrait.advance import Advanced, Instance, Stimulus, advance, begin
from portrait.campaigns import Campaign
from portrait.catalogue import Catalogue
from portrait.definitions.documents import canonical, parse
from portrait.dialogue import Dialogue
from portrait.effects import Effect, Emitted, Noted, Outcome, Say
from portrait.happening import Happening
from portrait.metrics import DAY_MS
from portrait.portrait import Portrait
from portrait.strand import Trait

NOW = 1_780_000_000_000
HOME = "abcdefghijklmnopqrstuvwxyz2"
EVENTS = ("Ordered", "Clicked", "Viewed", "Complained")
MINUTE = 60_000


def a_campaign(steps: Sequence[Any], **fields: Any) -> dict[str, Any]:
    """Return a canonical campaign document with these steps."""
    raw = {
        "kind": "campaign", "key": "c", "name": "C", "purpose": "marketing", "control": 0,
        "entry": {"event": "Started"}, "steps": list(steps), **fields,
    }  # fmt: skip
    return canonical(parse(raw))


def catalogue(*documents: dict[str, Any], running: Iterable[dict[str, Any]] = ()) -> Catalogue:
    """Compile documents; each has version 1 unless it says otherwise."""
    return Catalogue.compile([{"version": 1, **one} for one in documents], running)


def definition(document: dict[str, Any]) -> Campaign:
    """Return the compiled campaign."""
    return catalogue(document).newest["c"]


clocks = st.sampled_from(["09:00", "21:30"])
durations = st.sampled_from(["1m", "1h", "1d", "3d"])
sends = st.builds(
    lambda channel, length: {
        "send": {"channel": channel, "template": "t", "valid_for": length}
    },
    st.sampled_from(["email", "sms", "webhook"]),
    durations,
)  # fmt: skip
leaves = st.one_of(
    sends,
    st.builds(lambda length: {"wait": {"for": length}}, durations),
    st.builds(lambda clock: {"wait": {"until": clock}}, clocks),
    st.just({"wait": {"until_date": "renewal", "offset": "-1d"}}),
    st.just({"update": {"traits": {"seen": True}}}),
    st.just({"emit": {"fact": "Something Happened"}}),
    st.just({"goal": {}}),
    st.just({"exit": {"reason": "enough"}}),
    st.just({"offer": {"template": "o", "valid_for": "2d"}}),
)


def _listening(branches: list[tuple[str, Any]], timeout: str, otherwise: Any) -> dict[str, Any]:
    ways = [
        {"name": f"b{n}", "event": event, "steps": steps}
        for n, (event, steps) in enumerate(branches)
    ]
    return {"wait_for": {"branches": ways, "timeout": timeout, "otherwise": otherwise}}


def _parting(shares: list[float], ways: list[Any], otherwise: Any) -> dict[str, Any]:
    total = sum(shares) or 1
    branches = [
        {"name": f"w{n}", "share": round(share / total / 1.2, 4), "steps": steps}
        for n, (share, steps) in enumerate(zip(shares, ways, strict=False))
    ]
    return {"split": {"branches": branches, "otherwise": otherwise}}


def _choosing(ways: list[Any], otherwise: Any) -> dict[str, Any]:
    branches = [
        {"name": f"w{n}", "when": {"trait": "plan", "equals": str(n)}, "steps": steps}
        for n, steps in enumerate(ways)
    ]
    return {"split": {"branches": branches, "otherwise": otherwise}}


def _inside(step: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    some = st.lists(step, max_size=2)
    ways = st.lists(some, min_size=1, max_size=3)
    return st.one_of(
        st.builds(
            _listening,
            st.lists(st.tuples(st.sampled_from(EVENTS), some), min_size=1, max_size=3),
            durations,
            some,
        ),
        st.builds(
            _parting, st.lists(st.floats(0.1, 1), min_size=3, max_size=3), ways, some
        ),
        st.builds(_choosing, ways, some),
    )  # fmt: skip


steps = st.lists(st.recursive(leaves, _inside, max_leaves=6), min_size=1, max_size=5)
extras = st.fixed_dictionaries(
    {},
    optional={
        "goal": st.sampled_from([
            {"event": "Ordered", "within": "2d"},
            {"event": "Ordered", "within": "5d", "ends": False},
            {"when": {"trait": "plan", "equals": "1"}, "within": "3d"},
        ]),
        "exits": st.just([{"event": "Complained", "reason": "complained"}]),
        "lasts_at_most": st.sampled_from(["2d", "9d"]),
    },
)  # fmt: skip
documents = st.builds(lambda some, more: a_campaign(some, **more), steps, extras)


@dataclass
class Customer:
    """One customer in one dialogue, on a clock of their own."""

    definition: Campaign
    now: int = NOW
    plan: str | None = None
    portrait: Portrait = field(default_factory=lambda: Portrait(HOME))
    state: Dialogue = field(init=False)
    effects: list[Effect] = field(default_factory=list)
    history: list[Dialogue] = field(default_factory=list)

    def __post_init__(self) -> None:
        strand = self.portrait.strand(HOME)
        strand.events, strand.first_seen = 1, NOW - DAY_MS
        if self.plan is not None:
            strand.set_trait("plan", Trait(self.plan, NOW - 1, b"p"))
        strand.set_trait("renewal", Trait("2026-06-10", NOW - 1, b"r"))
        self.state = Dialogue("c", 1, "running", "treated", NOW, NOW, entered_at=NOW, since=NOW)
        self.take(begin(self.definition, self.instance, self.view, self.now))

    @property
    def view(self) -> Any:
        return self.portrait.view(Catalogue(), self.now)

    @property
    def instance(self) -> Instance:
        return Instance("j" * 32, HOME, self.state)

    def hear(self, stimulus: Stimulus) -> Advanced:
        done = advance(self.definition, self.instance, stimulus, self.view, self.now)
        self.take(done)
        return done

    def take(self, done: Advanced) -> None:
        self.history.append(self.state)
        self.state = done.state
        self.effects += done.effects

    def of(self, kind: type) -> list[Any]:
        return [one for one in self.effects if isinstance(one, kind)]

    @property
    def asked(self) -> list[Say]:
        return self.of(Say)

    @property
    def emitted(self) -> list[Emitted]:
        return self.of(Emitted)

    def noted(self, what: str) -> list[Noted]:
        return [one for one in self.of(Noted) if one.what == what]


def happens(name: str, at: int, number: int = 0) -> Happening:
    """Return something that the customer does."""
    return Happening(f"m{number}-{at}", "web", "track", name, at, at, HOME)


def came_out(say: Say, state: str, at: int) -> Outcome:
    """Return what became of a message."""
    return Outcome(say.journey, say.step, say.message, state, at, HOME)  # type: ignore[arg-type]
