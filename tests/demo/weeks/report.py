"""What the weeks came to: each starter campaign as a small funnel, from the journeys table."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from portrait.funnel import Dossier, funnel, lines
from tests.demo.weeks.play import Weeks


def funnels(weeks: Weeks) -> Iterator[str]:
    """Yield the report, line by line."""
    from portrait.store.definitions import catalogue

    found = dossiers(weeks)
    for campaign in catalogue(weeks.world.now).campaigns:
        yield ""
        yield from lines(campaign, funnel(campaign, found[campaign.key]))
    yield ""
    world = weeks.world
    yield f"e-mails {len(world.account.mails):,}, timers fired {world.timers.fired:,}"


def dossiers(weeks: Weeks) -> dict[str, list[Dossier]]:
    """Return the dossiers of everybody who entered, by campaign."""
    found: dict[str, list[Dossier]] = defaultdict(list)
    for item in weeks.world.account.tables["journeys"].items.values():
        plain = _plain(item)
        if "entered_at" in plain:
            found[plain["campaign"]].append(_dossier(plain))
    return found


def _dossier(item: dict[str, Any]) -> Dossier:
    return Dossier(
        item["arm"], int(item["entered_at"]), item.get("path") or {},
        item.get("goal_at"), item.get("left_by"), item["subject"],
    )  # fmt: skip


def _plain(item: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in item.items()}


def _value(value: dict[str, Any]) -> Any:
    ((kind, told),) = value.items()
    if kind == "M":
        return {name: _value(inner) for name, inner in told.items()}
    return int(told) if kind == "N" else told
