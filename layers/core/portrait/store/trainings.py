"""Which trainings were claimed, in the definitions table: shelf `trainings`, slot the moment that
the schedule told (UTC). The table's TTL forgets them."""

import msgspec
from botocore.exceptions import BotoCoreError
from pynamodb.exceptions import PutError, PynamoDBException

from portrait.faults import Unavailable
from portrait.store.calendar_runs import CalendarItem
from portrait.store.races import is_refused

TRAININGS = "trainings"
KEPT_S = 60 * 86_400


class _Claim(msgspec.Struct):
    owner: str
    over: bool = False


def claim(occurrence: str, owner: str, *, now: int) -> bool:
    """Claim a training; return whether it is this owner's to do.

    An owner that failed may claim the same again, until it is over.

    Raises:
        Unavailable: DynamoDB did not answer in time; it may or may not be claimed.
    """
    try:
        _item(occurrence, _Claim(owner), now).save(condition=CalendarItem.shelf.does_not_exist())
    except PutError as error:
        if is_refused(error):
            return _is_open(occurrence, owner)
        raise _unavailable(error) from error
    except (PynamoDBException, BotoCoreError) as error:
        raise _unavailable(error) from error
    return True


def end(occurrence: str, owner: str, *, now: int) -> None:
    """Tell that a training is over, so that nobody does it again.

    Raises:
        Unavailable: DynamoDB did not answer in time.
    """
    try:
        _item(occurrence, _Claim(owner, over=True), now).save()
    except (PynamoDBException, BotoCoreError) as error:
        raise _unavailable(error) from error


def _is_open(occurrence: str, owner: str) -> bool:
    try:
        found = CalendarItem.get(TRAININGS, occurrence, consistent_read=True)
    except (PynamoDBException, BotoCoreError) as error:
        raise _unavailable(error) from error
    known = msgspec.json.decode(found.state, type=_Claim)
    return known.owner == owner and not known.over


def _item(occurrence: str, claim: _Claim, now: int) -> CalendarItem:
    said = msgspec.json.encode(claim).decode()
    forgotten = now // 1000 + KEPT_S
    return CalendarItem(TRAININGS, occurrence, at=now, state=said, expires_at=forgotten)


def _unavailable(error: Exception) -> Unavailable:
    return Unavailable(f"the trainings did not answer: {type(error).__name__}")
