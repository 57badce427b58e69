"""What dialogues that run and messages that wait add to a portrait, and to an ordinary event."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import median
from typing import Any, NamedTuple

from tests.bench.aws.capacity import Item, item_size, write_units
from tests.bench.meter import Log, cpu_seconds
from tests.bench.scenes import OPENING, Playing, Said, Scene, staged
from tests.bench.shop import DAY_MS
from tests.bench.steps import MONTH, POLICY, SHOP, Document
from tests.bench.tables import Cell, paragraph, table

RUNNING = (0, 1, 5, 25)
WAITING = (0, 10, 50)
ROUNDS = 40
CAP = {"channel": "email", "purpose": "marketing", "messages": 3, "window": "7d"}


class Burden(NamedTuple):
    """A customer with so many dialogues and waiting messages: bytes, and what is then done in us.

    `event`: profile, of one event that nobody listens to. The others are pure functions: `trigger`
    looks what a write means, `advance` takes one step, `judge` decides on one message.
    """

    dialogues: int
    waiting: int
    state: int
    item: int
    event: float
    trigger: float
    advance: float
    judge: float


def burdens(log: Log, *, quick: bool) -> Iterator[Burden]:
    """Let customers begin dialogues, put waiting messages beside them, and measure."""
    counts = [(n, 0) for n in RUNNING] + [(1, n) for n in WAITING[1:]]
    for dialogues, waiting in counts[:2] if quick else counts:
        begins = [Said(n * 1000, f"Started {n}") for n in range(dialogues)]
        scene = Scene(_documents(), script=begins, lasts=60_000)
        with staged(scene, log) as playing:
            playing.run(scene.script, scene.lasts)
            _put_waiting(playing, waiting)
            yield _weigh(playing, dialogues, waiting, 5 if quick else ROUNDS)


def _documents() -> Sequence[Document]:
    campaigns = [
        {
            "kind": "campaign", "key": f"dialogue_{n}", "name": "Bench", "purpose": "marketing",
            "control": 0, "entry": {"event": f"Started {n}"}, "steps": [MONTH],
            "goal": {"event": "Order Completed", "within": "30d"},
        }
        for n in range(max(RUNNING))
    ]  # fmt: skip
    return [*SHOP, {**POLICY, "caps": [CAP]}, *campaigns]


def _put_waiting(playing: Playing, count: int) -> None:
    """Keep so many messages in the portrait, as dispatch does where a cap is full."""
    from portrait.record import Record, Write
    from portrait.store import portraits
    from portrait.waiting import Waiting

    record = Record.from_image(_item(playing))
    portrait, now = record.portrait, playing.clock.now
    home = next(iter(portrait.strands))
    for n in range(count):
        portrait.strand(home).waiting[f"{n:024x}"] = Waiting(
            f"{n:032x}", "dialogue_0", 1, "letter", "email", "letter", "marketing", 1.0,
            now, now, now + 3 * DAY_MS, now, now + DAY_MS, "cap",
        )  # fmt: skip
    portraits.write(Write(record, portrait.encode(), None), now=now)


def _weigh(playing: Playing, dialogues: int, waiting: int, rounds: int) -> Burden:
    item = _item(playing)
    cloud, times = playing.pipeline.cloud, []
    for n in range(rounds):
        playing.clock.put(OPENING + 120_000 + n * 1000)
        playing.pipeline.post(playing.posted("Nobody Listens"))
        messages, cloud.queues["events"] = cloud.queues["events"], []
        event = playing.pipeline.records(messages)
        times.append(cpu_seconds(cloud, lambda e=event: playing.pipeline.invoke("profile", e))[0])
    from portrait.record import Record

    record = Record.from_image(item)
    pure = {name: _microseconds(act, rounds * 5) for name, act in _pure(record, playing).items()}
    return Burden(
        dialogues, waiting, len(record.state), item_size(item), median(times) * 1e6, **pure
    )


def _pure(record: Any, playing: Playing) -> Mapping[str, Callable[[], object]]:
    """Return the pure functions, ready to be called on the customer as they are."""
    from portrait import changes, contact_policy, triggers
    from portrait.advance import Instance, Tick, advance
    from portrait.dialogue import Dialogue
    from portrait.forthcoming import rivals
    from portrait.happening import Happening
    from portrait.message import Message
    from portrait.store import definitions

    now = playing.clock.now
    catalogue = definitions.catalogue(now)
    campaign = next(one for one in catalogue.campaigns if one.key == "dialogue_0")
    home = record.home
    told = changes.Changes(
        (Happening("0" * 24, "shop", "track", "Order Completed", now, now, home),)
    )
    due = Dialogue("dialogue_0", 1, "running", "treated", now, now, now, "a_month", now, now)
    view = record.portrait.view(catalogue, now)
    message = Message(
        id="f" * 24, journey="f" * 32, home=home, strand=home, campaign="dialogue_0", version=1,
        step="letter", channel="email", template="letter", purpose="marketing", arm="treated",
        occurred_at=now, received_at=now, expires_at=now + 3 * DAY_MS,
    )  # fmt: skip

    def judge() -> object:
        fresh = record.portrait.view(catalogue, now)
        others = rivals(fresh, catalogue, message.id, message.expires_at)
        policy = catalogue.policy
        return contact_policy.judge(fresh, message, policy, now=now, rivals=others)

    return {
        "trigger": lambda: triggers.stimulus(record, told, catalogue, now=now),
        "advance": lambda: advance(campaign, Instance("f" * 32, home, due), Tick(), view, now),
        "judge": judge,
    }


def _microseconds(act: Callable[[], object], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        began = time.process_time_ns()
        act()
        times.append(time.process_time_ns() - began)
    return median(times) / 1000


def _item(playing: Playing) -> Item:
    items = playing.pipeline.cloud.dynamodb.tables["portraits"].items.values()
    return next(item for item in items if "state" in item)


def burdens_table(log: Log, *, quick: bool) -> str:
    """Return what dialogues and waiting messages add."""
    measured = list(burdens(log, quick=quick))
    first = measured[0]
    rows: list[list[Cell]] = [
        [
            f"{one.dialogues} dialogues, {one.waiting} waiting",
            one.state,
            f"{one.state - first.state:+,}",
            write_units(one.item),
            one.event,
            f"{one.event / first.event:.2f} x",
            one.trigger,
            one.advance,
            one.judge,
        ]
        for one in measured
    ]
    headers = [
        "a customer with", "state", "more", "write", "ordinary", "of the", "trigger's", "advance",
        "judge",
    ]  # fmt: skip
    units = ["", "bytes", "bytes", "units", "event us", "first", "look us", "us", "us"]
    title = "What running dialogues and waiting messages add to a portrait and to what is done"
    remarks = [
        "ordinary event: one that nobody listens to, alone in an invocation of profile, processor",
        "time with botocore. trigger's look: a write with an order, the goal of every dialogue.",
        "advance: one step of one dialogue. judge: one message, the portrait read and its rivals",
        "foreseen. Both pure; trigger and judge unpack the portrait.",
    ]
    return table(title, headers, [list(units), *rows]) + "\n\n" + paragraph(remarks)
