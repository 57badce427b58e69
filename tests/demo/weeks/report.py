"""What the weeks came to: each starter campaign as a small funnel, from the journeys table."""

from collections.abc import Iterator
from typing import Any

from portrait.funnel import Dossier, funnel, lines
from tests.demo.weeks.play import Weeks


def funnels(weeks: Weeks) -> Iterator[str]:
    """Yield the report, line by line."""
    from portrait.store.definitions import catalogue

    account = weeks.world.account
    campaigns = catalogue(weeks.world.now).campaigns
    entries = [_plain(item) for item in account.tables["journeys"].items.values()]
    for campaign in campaigns:
        own = [_dossier(one) for one in entries if one.get("campaign") == campaign.key]
        yield ""
        yield from lines(campaign, funnel(campaign, own))
    yield ""
    yield f"e-mails {len(account.mails):,}, timers fired {weeks.world.timers.fired:,}"


def _dossier(item: dict[str, Any]) -> Dossier:
    return Dossier(
        item["arm"], int(item["entered_at"]), item.get("path") or {},
        item.get("goal_at"), item.get("left_by"),
    )  # fmt: skip


def _plain(item: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in item.items()}


def _value(value: dict[str, Any]) -> Any:
    ((kind, told),) = value.items()
    if kind == "M":
        return {name: _value(inner) for name, inner in told.items()}
    return int(told) if kind == "N" else told
