"""Did everybody enter as often as each campaign lets them, and no more?"""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from tests.faults.sending.ledger import Ledger
from tests.faults.sending.people import People
from tests.faults.sending.programme import documents, milliseconds


def problems(
    dossiers: dict[str, dict[str, Any]], keys: dict[str, Any], ledger: Ledger, people: People
) -> Iterator[str]:
    """Yield who entered once too often, among those who were one customer by then.

    Args:
        keys: by journey, the properties of the event that let its customer in.
    """
    erased = {home for one in people.gone for home in one.homes}
    campaigns: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for journey, entry in dossiers.items():
        if entry["home"] not in erased:
            campaigns.setdefault(entry["campaign"], []).append((journey, entry))
    for name, entries in campaigns.items():
        entries.sort(key=lambda one: one[1]["entered_at"])
        for (one, earlier), (other, later) in combinations(entries, 2):
            at = later["entered_at"]
            if ledger.root(earlier["home"], at) != ledger.root(later["home"], at):
                continue
            wrong = _wrong(documents("campaign")[name], earlier, later, keys.get(one),
                           keys.get(other))  # fmt: skip
            if wrong:
                yield f"{later['home']} entered {name} at {at}: {wrong}"
        yield from _at_once(name, [entry for _, entry in entries], ledger)


def _wrong(
    campaign: Any, earlier: dict[str, Any], later: dict[str, Any], one: Any, other: Any
) -> str:
    again, key = campaign.get("reentry"), campaign.get("key_property")
    if earlier["arm"] == "control" and later["arm"] == "treated":
        return "they were held out before"
    if again == "once":
        return "once was enough"
    if key and one and other and one.get(key) == other.get(key):
        return f"they had entered for {key} {one[key]}"
    if isinstance(again, dict):
        between = abs(later["occurred_at"] - earlier["occurred_at"])
        if between < milliseconds(again["after"]):
            return f"only {between} ms after another time"
    return ""


def _at_once(name: str, entries: list[dict[str, Any]], ledger: Ledger) -> Iterator[str]:
    most = documents("campaign")[name].get("at_most", 25)
    for later in entries:
        at = later["entered_at"]
        if later.get("left_at") == at:  # who leaves as they come takes nobody's place
            continue
        running = [
            one for one in entries
            if one is not later and one["arm"] == "treated"
            and one["entered_at"] <= at < one.get("left_at", at + 1)
            and ledger.root(one["home"], at) == ledger.root(later["home"], at)
        ]  # fmt: skip
        if len(running) >= most:
            yield f"{later['home']} is in {name} more than {most} times at {at}"
