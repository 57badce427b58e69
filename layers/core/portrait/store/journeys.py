"""The journeys table: one item per customer, campaign and occurrence, control arms included."""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError, PynamoDBException, UpdateError
from pynamodb.expressions.update import Action
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection
from pynamodb.models import Model

from portrait.faults import Unavailable
from portrait.settings import get_settings
from portrait.store import session
from portrait.store.races import cause_of, is_refused
from portrait.triggers import Entry

JOURNEY_DAYS = 400
"""Kept for a year of reports and a month to make them; the table's TTL removes the rest."""


class ByCampaign(GlobalSecondaryIndex["JourneyItem"]):  # type: ignore[no-untyped-call]
    """What a report reads: a campaign's entries in order of time."""

    class Meta:
        index_name = "by_campaign"
        projection = IncludeProjection(["subject", "arm", "outcome", "reason"])

    campaign = UnicodeAttribute(hash_key=True)
    entered_at = NumberAttribute(range_key=True)


class JourneyItem(Model):
    """One item per entry. Storage shape only, no behaviour."""

    class Meta:
        table_name = get_settings().journeys_table or "journeys"
        read_timeout_seconds = session.READ_TIMEOUT_SECONDS
        connect_timeout_seconds = session.CONNECT_TIMEOUT_SECONDS
        max_retry_attempts = 2

    key = UnicodeAttribute(hash_key=True)
    campaign = UnicodeAttribute()
    version = NumberAttribute()
    home = UnicodeAttribute()
    subject = UnicodeAttribute()
    arm = UnicodeAttribute()
    entered_at = NumberAttribute()
    outcome = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    decided_at = NumberAttribute(null=True)
    expires_at = NumberAttribute()
    by_campaign = ByCampaign()


def enter(entry: Entry) -> bool:
    """Record that a customer enters a campaign, in which arm; return whether it was new.

    Safe to repeat: the occurrence is the key, and what was recorded first stands.

    Raises:
        Unavailable: DynamoDB did not answer in time.
    """
    item = JourneyItem(
        entry.key,
        campaign=entry.campaign,
        version=entry.version,
        home=entry.home,
        subject=entry.subject,
        arm=entry.arm,
        entered_at=entry.at,
        expires_at=entry.at // 1000 + JOURNEY_DAYS * 86_400,
    )
    try:
        item.save(condition=JourneyItem.key.does_not_exist())
    except PutError as error:
        if is_refused(error):
            return False
        raise Unavailable(f"journeys: {cause_of(error)}") from error
    return True


def record(key: str, *, outcome: str, reason: str, at: int) -> None:
    """Record what became of an entry: sent, held, failed or unknown, and why.

    Raises:
        Unavailable: DynamoDB did not answer in time.
    """
    actions: list[Action] = [
        JourneyItem.outcome.set(outcome),
        JourneyItem.reason.set(reason),
        JourneyItem.decided_at.set(at),
    ]
    try:
        JourneyItem(key).update(actions=actions, condition=JourneyItem.key.exists())
    except UpdateError as error:
        if not is_refused(error):
            raise Unavailable(f"journeys: {cause_of(error)}") from error


def find(key: str) -> JourneyItem | None:
    """Return an entry by its key, read consistently, or None."""
    try:
        return JourneyItem.get(key, consistent_read=True)
    except JourneyItem.DoesNotExist:
        return None
    except PynamoDBException as error:
        raise Unavailable(f"journeys: {cause_of(error)}") from error
