"""A rehearsal told to people: who would have entered, on which day, with what contact pressure."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from portrait.campaigns import Campaign
from portrait.dialogue_dry_run.entries import Entries
from portrait.funnel import funnel, lines

BAR = 40
_EPOCH = date(1970, 1, 1)


def report(campaign: Campaign, entries: Entries) -> Iterator[str]:
    """Yield the lines of the report about one campaign."""
    dossiers = entries.campaign(campaign.key)
    yield from lines(campaign, funnel(campaign, dossiers))
    yield ""
    yield from _days(entries.by_day(campaign.key))
    yield ""
    yield from _pressure(campaign.key, entries)


def _days(days: Counter[int]) -> Iterator[str]:
    if not days:
        yield "nobody would have entered"
        return
    yield "entered by day"
    most = max(days.values())
    for day in range(min(days), max(days) + 1):
        bar = "█" * -(-BAR * days[day] // most)
        yield f"  {_EPOCH + timedelta(days=day)} {days[day]:7,} {bar}"


def _pressure(campaign: str, entries: Entries) -> Iterator[str]:
    """Yield how many messages customers get, and how many of them would be this campaign's."""
    reached = {home: sent for home, sent in entries.sent.items() if sent}
    everything = [len(sent) for sent in reached.values()]
    own = [sum(one[2] == campaign for one in sent) for sent in reached.values()]
    yield "contact pressure, messages a customer in this time"
    yield f"  {'':16}{'customers':>10}{'messages':>10}{'median':>8}{'most':>6}{'most in 7 d':>13}"
    for name, counts in (("all campaigns", everything), (campaign, [n for n in own if n])):
        if not counts:
            yield f"  {name:16}{0:10,}{0:10,}"
            continue
        of = campaign if name == campaign else None
        busiest = max(_in_a_week(sent, of) for sent in reached.values())
        median = sorted(counts)[len(counts) // 2]
        shown = f"{len(counts):10,}{sum(counts):10,}{median:8,}{max(counts):6,}{busiest:13,}"
        yield f"  {name:16}{shown}"


def _in_a_week(sent: list[tuple[int, str, str]], campaign: str | None) -> int:
    """Return the most messages in any seven days."""
    instants = sorted(at for at, _, of in sent if campaign in (None, of))
    week = 7 * 86_400_000
    return max(
        (sum(at - week < one <= at for one in instants) for at in instants),
        default=0,
    )


def story(home: str, entries: Entries) -> Iterator[str]:
    """Yield what would have happened to one customer, in order."""
    told = sorted(entries.told.get(home, ()))
    if not told:
        yield "nothing would have happened to this customer"
    for at, what in told:
        yield f"  {datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d %H:%M:%S} {what}"
