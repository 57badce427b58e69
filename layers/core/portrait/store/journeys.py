"""The journeys table: the dossier of each entry to a campaign, control arms included.

One item per customer, campaign and occurrence. What may yet let somebody in lies there before they
entered; it has no `entered_at` until then, so no report finds it. What let them in is personal: it
is kept for as long as a message may quote it.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from pynamodb.attributes import (
    BinaryAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.exceptions import PynamoDBException, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection
from pynamodb.models import Model

from portrait.effects import Entered, Kept, Noted
from portrait.faults import Unavailable
from portrait.happening import Happening
from portrait.settings import get_settings
from portrait.store import session
from portrait.store.races import cause_of, is_refused

JOURNEY_DAYS = 400
"""Kept for a year of reports and a month to make them; the table's TTL removes the rest."""

KEPT_DAYS = 35
"""How long after it is sure whether they enter: no queue with its dead letters is later."""

MAX_BATCH = 100

_REPORTED = ["subject", "arm", "version", "path", "goal_at", "left_at", "left_by"]


class ByCampaign(GlobalSecondaryIndex["JourneyItem"]):  # type: ignore[no-untyped-call]
    """What a report reads: a campaign's entries in order of time."""

    class Meta:
        index_name = "by_campaign"
        projection = IncludeProjection(_REPORTED)

    campaign = UnicodeAttribute(hash_key=True)
    entered_at = NumberAttribute(range_key=True)


class JourneyItem(Model):
    """One item per entry. Storage shape only, no behaviour.

    `path` holds, by step, the way that was taken or what became of the message, and why.
    """

    class Meta:
        table_name = get_settings().journeys_table or "journeys"
        read_timeout_seconds = session.READ_TIMEOUT_SECONDS
        connect_timeout_seconds = session.CONNECT_TIMEOUT_SECONDS
        max_retry_attempts = 2

    key = UnicodeAttribute(hash_key=True)
    campaign = UnicodeAttribute(null=True)
    version = NumberAttribute(null=True)
    home = UnicodeAttribute(null=True)
    subject = UnicodeAttribute(null=True)
    arm = UnicodeAttribute(null=True)
    entered_at = NumberAttribute(null=True)
    occurred_at = NumberAttribute(null=True)
    happening = BinaryAttribute(legacy_encoding=False, null=True)
    path: Any = MapAttribute(null=True)  # type: ignore[no-untyped-call]
    goal_at = NumberAttribute(null=True)
    left_at = NumberAttribute(null=True)
    left_by = UnicodeAttribute(null=True)
    expires_at = NumberAttribute(null=True)
    by_campaign = ByCampaign()


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Happening)


def keep(kept: Kept) -> None:
    """Remember what may let a customer in, once it is sure.

    Raises:
        Unavailable: DynamoDB did not answer in time.
    """
    actions = [
        JourneyItem.happening.set(_encoder.encode(kept.happening)),
        JourneyItem.expires_at.set(_expiry(kept.until, KEPT_DAYS)),
    ]
    _update(kept.journey, actions, JourneyItem.entered_at.does_not_exist())


def enter(entered: Entered, home: str) -> bool:
    """Record that a customer enters a campaign, in which arm; return whether it was new.

    Safe to repeat: the occurrence is the key, and what was recorded first stands.

    Raises:
        Unavailable: DynamoDB did not answer in time.
    """
    actions: list[Action] = [
        JourneyItem.campaign.set(entered.campaign),
        JourneyItem.version.set(entered.version),
        JourneyItem.home.set(home),
        JourneyItem.subject.set(entered.subject),
        JourneyItem.arm.set(entered.arm),
        JourneyItem.entered_at.set(entered.at),
        JourneyItem.occurred_at.set(entered.occurred_at),
        JourneyItem.path.set({}),
        JourneyItem.expires_at.set(_expiry(entered.at)),
    ]
    if entered.happening is not None:
        actions.append(JourneyItem.happening.set(_encoder.encode(entered.happening)))
    return _update(entered.journey, actions, JourneyItem.entered_at.does_not_exist())


def note(journey: str, notes: Sequence[Noted]) -> None:
    """Record what became of an entry: ways taken, messages, the goal, or that it is over.

    Raises:
        Unavailable: DynamoDB did not answer in time.
    """
    said: dict[str, Action] = {}  # a path may be set once in an update: the last word stands
    for one in notes:
        said.update(_noting(one))
    _update(journey, tuple(said.values()), JourneyItem.entered_at.exists())


def _noting(noted: Noted) -> dict[str, Action]:
    if noted.what == "goal" and not noted.step:
        return {"goal_at": JourneyItem.goal_at.set(noted.at)}
    if noted.what == "left":
        return {
            "left_at": JourneyItem.left_at.set(noted.at),
            "left_by": JourneyItem.left_by.set(noted.value),
            "happening": JourneyItem.happening.remove(),
        }
    told = f"{noted.value}:{noted.reason}" if noted.reason else noted.value
    return {f"path.{noted.step}": JourneyItem.path[noted.step].set(told)}


def forget(journey: str) -> None:
    """Forget what let a customer in; safe to repeat.

    Raises:
        Unavailable: DynamoDB did not answer in time.
    """
    _update(journey, [JourneyItem.happening.remove()], JourneyItem.happening.exists())


def happenings(journeys: Iterable[str]) -> dict[str, Happening]:
    """Return what let customers in, by journey, where it was an event.

    Raises:
        Unavailable: DynamoDB did not answer in time.
    """
    try:
        return {
            item.key: _decoder.decode(item.happening)
            for keys in _batches(sorted(set(journeys)))
            for item in JourneyItem.batch_get(
                keys, consistent_read=True, attributes_to_get=["key", "happening"]
            )
            if item.happening
        }
    except PynamoDBException as error:
        raise Unavailable(f"journeys: {cause_of(error)}") from error


def find(key: str) -> JourneyItem | None:
    """Return an entry by its key, read consistently, or None."""
    try:
        return JourneyItem.get(key, consistent_read=True)
    except JourneyItem.DoesNotExist:
        return None
    except PynamoDBException as error:
        raise Unavailable(f"journeys: {cause_of(error)}") from error


def _batches(keys: Sequence[str]) -> list[Sequence[str]]:
    return [keys[start : start + MAX_BATCH] for start in range(0, len(keys), MAX_BATCH)]


def _expiry(at: int, days: int = JOURNEY_DAYS) -> int:
    return at // 1000 + days * 86_400


def _update(key: str, actions: Sequence[Action], condition: Condition | None) -> bool:
    try:
        JourneyItem(key).update(actions=list(actions), condition=condition)
    except UpdateError as error:
        if not is_refused(error):
            raise Unavailable(f"journeys: {cause_of(error)}") from error
        return False
    return True
