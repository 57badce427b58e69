"""Exposures: whom campaigns let in, contacted or left alone by lot, and what they did then.

What contact changes is told by those who were let in and contacted beside those who were let in and
left alone. Three rules keep that fair:

* Only campaigns with a control group tell, and everybody counts in the arm that was drawn for them,
  whatever they were told then (intention to treat).
* A customer counts once a campaign, from when they entered it first, as in `funnel`: whether
  somebody enters again may be the work of the first time, and no limit of what may run at once
  keeps the control group from it, which is in no step.
* What they did is told by the same purchases in both arms, kept for twice the lookback, as entries
  and arms are for as long as the strand. Whether the goal was reached is not: dialogues are
  forgotten some time after they left their steps, and the control group leaves them at once.

Source: Radcliffe & Surry 2011, Real-World Uplift Modelling, on control groups; Hollis & Campbell
1999, What is meant by intention to treat analysis?
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from portrait.campaigns import Campaign
from portrait.compiled import Policy
from portrait.dialogue import Entries
from portrait.enrolment import PROGRAMME
from portrait.experiments import Arm
from portrait.learning.learning import Learning
from portrait.metrics import DAY_MS
from portrait.portrait import Portrait
from portrait.series import Series
from portrait.strand import Strand, stricter_arm


class Lot(NamedTuple):
    """How the arms of a campaign are drawn.

    Attributes:
        contacted: the chance to be, above 0 and below 1.
        programme: whether the hold-out of the whole programme holds out of it.
    """

    contacted: float
    programme: bool


class Exposure(NamedTuple):
    """One customer's first entry into one campaign.

    Attributes:
        day: when what let them in happened (UTC, since 1970).
        contacted: whether they were to be, by lot.
        acted: whether they bought in the window.
        chance: the lot's, to be contacted.
    """

    day: int
    contacted: bool
    acted: bool
    chance: float


def lots(campaigns: Iterable[Campaign], policy: Policy) -> dict[str, Lot]:
    """Return, by campaign, the lots of those that hold anybody out; others tell nothing."""
    found = {}
    for one in campaigns:
        programme = one.purpose not in policy.service_purposes
        others = policy.control if programme else 0.0
        if one.seed == policy.seed:  # both hold out the same customers
            contacted = 1 - max(one.control, others)
        else:
            contacted = (1 - one.control) * (1 - others)
        if 0 < contacted < 1:
            found[one.key] = Lot(contacted, programme)
    return found


def exposures(
    portrait: Portrait, learning: Learning, lots: Mapping[str, Lot], days: range, *, horizon: int
) -> Iterator[Exposure]:
    """Yield the exposures that began on one of the days, in order of the campaigns' keys.

    The window ends with the last of `horizon` days, the day of the entry among them. Purchases of
    that day count where their instants are kept and are after what let the customer in; one that
    did so itself does not. Where only the day is kept, nobody can tell, in either arm, and those of
    the day after and later count.

    Args:
        horizon: days; the caller sees to it that the windows have closed.
    """
    for key, lot in sorted(lots.items()):
        entered = [one for one in portrait.strands.values() if key in one.entries]
        since = _since(one.entries[key] for one in entered)
        if since is not None and since // DAY_MS in days:
            drawn = _arm(entered, key, lot, since)
            acted = _bought(portrait, learning, since, horizon)
            yield Exposure(since // DAY_MS, drawn == "treated", acted, lot.contacted)


def _since(entries: Iterable[Entries]) -> int | None:
    """Return when the first of the entries came (UTC ms); None where there is none, or no telling
    when."""
    combined: Entries | None = None
    for one in entries:
        combined = combined.and_also(one) if combined else one
    return combined.since if combined else None


def _arm(entered: Iterable[Strand], key: str, lot: Lot, since: int) -> Arm:
    """Return the arm as it was drawn where the customer entered first.

    Who was drawn otherwise elsewhere is the same customer since a merge, and merges may be the work
    of contact: sorted by those, the arms would not be alike any more. Within a strand, ever held
    out stays held out.
    """
    names = (key, PROGRAMME) if lot.programme else (key,)
    first = (one for one in entered if one.entries[key].since == since)
    return stricter_arm(*(one.arms.get(name) for one in first for name in names))


def _bought(portrait: Portrait, learning: Learning, since: int, horizon: int) -> bool:
    kept = (strand.series.get(learning.purchases) for strand in portrait.strands.values())
    return any(_holds(series, since, horizon) for series in kept if series is not None)


def _holds(series: Series, since: int, horizon: int) -> bool:
    """Tell whether the series counted anything after an instant (UTC ms) and within the window."""
    day = since // DAY_MS
    end = day + horizon
    by_day = any(day < each < end for each, *_ in series.days)
    return by_day or any(since < at < end * DAY_MS for at, _ in series.entries())
