"""The public stream of sightings, as events."""

import csv
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import msgspec

from tests.identity.identifiers import AMERICAN
from tests.identity.world import Act, World, event_of, gathered

FOLDER = Path(__file__).parents[2] / "../shared/data/identity_stream"
NAMESPACES = {
    "email": "email",
    "phone": "phone",
    "device_id": "anonymous_id",
    "loyalty_id": "loyalty_id",
}
TRAITS = {
    "first_name": "first_name",
    "last_name": "last_name",
    "dob": "birthday",
    "address": "address",
}
SECOND_MS = 1000


def absent(folder: Path = FOLDER) -> str:
    """Return why the stream cannot be played, or nothing when it can."""
    missing = [name for name in ("records.csv", "truth.csv") if not (folder / name).exists()]
    return f"identity_stream is skipped: no {missing[0]} in {folder}" if missing else ""


def stream(order: int | None = None, folder: Path = FOLDER) -> World:
    """Return the stream in order of time, or shuffled with the seed `order`.

    Shuffled, each event is received a second after the one before it, all of them after the last
    one happened: the clock of who receives runs on, whatever the events say about theirs.
    """
    with (folder / "truth.csv").open(newline="") as lines:
        truth = {row["record_id"]: row["person_id"] for row in csv.DictReader(lines)}
    numbers = {person: place for place, person in enumerate(dict.fromkeys(truth.values()))}
    with (folder / "records.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    acts = [_act(row, numbers[truth[row["record_id"]]]) for row in rows]
    events = [
        event_of(row["record_id"], act, act.at, act.ids, AMERICAN)
        for row, act in zip(rows, acts, strict=True)
    ]
    places = sorted(range(len(events)), key=lambda place: (acts[place].at, place))
    if order is not None:
        Random(order).shuffle(places)
        last = max(act.at for act in acts)
        clock = {place: last + turn * SECOND_MS for turn, place in enumerate(places)}
        events = [
            msgspec.structs.replace(event, received_at=clock[place])
            for place, event in enumerate(events)
        ]
    return gathered([events[n] for n in places], [acts[n] for n in places], len(numbers))


def _act(row: dict[str, str], person: int) -> Act:
    at = datetime.fromisoformat(row["ts"]).replace(tzinfo=UTC)
    return Act(
        at=int(at.timestamp()) * 1000,
        person=person,
        ids={name: row[column] for column, name in NAMESPACES.items() if row[column]},
        traits={name: row[column] for column, name in TRAITS.items() if row[column]},
    )
