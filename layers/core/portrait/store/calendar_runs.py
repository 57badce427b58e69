"""What the calendar remembers, in the definitions table beside the campaigns that it is about.

Keys: `shelf` (S, hash) and `slot` (S, range).
    the last tick          shelf `calendar`  slot `tick`
    a zone in use          shelf `calendar`  slot `zone#<IANA name>`
    when all were counted  shelf `calendar`  slot `counted`
    a run                  shelf `runs`      slot `<instant>#<campaign>#<occurrence>`
    a pass over the table  shelf `passes`    slot `<instant>#<when it began>`
All carry `at` (N, UTC ms). The tick carries the campaigns that it saw and a run how far it has come
as `state` (S), a pass the chains that are `over` (NS). The table's TTL forgets runs and passes.
"""

from collections.abc import Iterable, Mapping

import msgspec
from botocore.exceptions import BotoCoreError
from pynamodb.attributes import NumberAttribute, NumberSetAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError, PynamoDBException
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from portrait.calendar_pages import Page
from portrait.calendar_plan import Active, Calendar, Claim, Run, State
from portrait.faults import Unavailable
from portrait.store.races import cause_of, is_refused
from portrait.store.shelves import Shelves

CALENDAR, RUNS, PASSES = "calendar", "runs", "passes"
TICK, COUNTED, ZONE = "tick", "counted", "zone#"
RUN_DAYS = 60

_noted: set[str] = set()
_active = msgspec.json.Decoder(dict[str, Active])


class CalendarItem(Model):
    """One thing that is remembered. Storage shape only, no behaviour."""

    class Meta(Shelves):
        pass

    shelf = UnicodeAttribute(hash_key=True)
    slot = UnicodeAttribute(range_key=True)
    at = NumberAttribute()
    state = UnicodeAttribute(null=True)
    over = NumberSetAttribute(null=True)
    expires_at = NumberAttribute(null=True)


def calendar() -> Calendar:
    """Return when the last tick was, and which zones are in use.

    Raises:
        Unavailable: DynamoDB did not answer in time.
    """
    try:
        items = list(CalendarItem.query(CALENDAR, consistent_read=True))
    except (PynamoDBException, BotoCoreError) as error:
        raise _unavailable(error) from error
    found = {item.slot: int(item.at) for item in items}
    said = next((item.state for item in items if item.slot == TICK), None)
    zones = {slot.removeprefix(ZONE): at for slot, at in found.items() if slot.startswith(ZONE)}
    active = _active.decode(said) if said else {}
    return Calendar(found.get(TICK), active, zones, found.get(COUNTED))


def claims(after: int) -> Mapping[Run, Claim]:
    """Return the runs that are at a later instant than `after` and are claimed.

    Raises:
        Unavailable: DynamoDB did not answer in time.
    """
    late = CalendarItem.slot > f"{after:014d}~"
    try:
        items = list(CalendarItem.query(RUNS, late, consistent_read=True))
    except (PynamoDBException, BotoCoreError) as error:
        raise _unavailable(error) from error
    return {_run(item.slot): _claim(item) for item in items}


def claim(run: Run, state: State, *, now: int) -> bool:
    """Claim a run that nobody has; return whether it was free.

    Raises:
        Unavailable: DynamoDB did not answer in time; it may or may not be claimed.
    """
    return _is_first(_item(run, state, now))


def begin(run: Run, *, now: int) -> None:
    """Tell that the first pages of a run are queued.

    Raises:
        Unavailable: DynamoDB did not answer in time.
    """
    _save(_item(run, "begun", now))


def ticked(active: Mapping[str, Active], *, now: int) -> None:
    """Tell that a tick is through, and which campaigns it saw.

    Raises:
        Unavailable: DynamoDB did not answer in time.
    """
    _save(CalendarItem(CALENDAR, TICK, at=now, state=msgspec.json.encode(active).decode()))


def note(zones: Iterable[str], *, now: int) -> None:
    """Remember zones as in use; what this process has noted before costs nothing.

    Raises:
        Unavailable: DynamoDB did not answer in time.
    """
    for zone in sorted(set(zones) - _noted):
        _is_first(CalendarItem(CALENDAR, ZONE + zone, at=now))
        _noted.add(zone)


def end_chain(page: Page, *, now: int) -> bool:
    """Tell that a chain has come to its end; return whether all of its pass have.

    Once a first pass that counts is over, the zones that are noted are all that there are. Safe
    to repeat.

    Raises:
        Unavailable: DynamoDB did not answer in time.
    """
    item = CalendarItem(PASSES, f"{page.instant:014d}#{page.began}")
    actions: list[Action] = [
        CalendarItem.over.add({page.chain}),
        CalendarItem.at.set(now),
        CalendarItem.expires_at.set(_forgotten(now)),
    ]
    try:
        item.update(actions=actions)
    except (PynamoDBException, BotoCoreError) as error:
        raise _unavailable(error) from error
    is_over = len(item.over or ()) >= page.chains
    if is_over and page.counting:
        _is_first(CalendarItem(CALENDAR, COUNTED, at=now))
    return is_over


def _item(run: Run, state: State, now: int) -> CalendarItem:
    slot = f"{run.instant:014d}#{run.campaign}#{run.occurrence}"
    return CalendarItem(RUNS, slot, at=now, state=state, expires_at=_forgotten(now))


def _run(slot: str) -> Run:
    instant, campaign, occurrence = slot.split("#", 2)
    return Run(int(instant), campaign, occurrence)


def _claim(item: CalendarItem) -> Claim:
    return msgspec.convert((item.state, int(item.at)), Claim)


def _forgotten(now: int) -> int:
    return now // 1000 + RUN_DAYS * 86_400


def _is_first(item: CalendarItem) -> bool:
    """Save what is not there yet; return whether it was not."""
    try:
        item.save(condition=CalendarItem.shelf.does_not_exist())
    except PutError as error:
        if is_refused(error):
            return False
        raise _unavailable(error) from error
    except (PynamoDBException, BotoCoreError) as error:
        raise _unavailable(error) from error
    return True


def _save(item: CalendarItem) -> None:
    try:
        item.save()
    except (PynamoDBException, BotoCoreError) as error:
        raise _unavailable(error) from error


def _unavailable(error: Exception) -> Unavailable:
    cause = cause_of(error) if isinstance(error, PynamoDBException) else type(error).__name__
    return Unavailable(f"the calendar did not answer: {cause}")
