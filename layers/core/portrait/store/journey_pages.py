"""Reading in pages who is in a campaign, by the journeys table's index of campaigns."""

from typing import Any

from botocore.exceptions import BotoCoreError
from pynamodb.exceptions import PynamoDBException

from portrait.faults import Unavailable
from portrait.store.journeys import JourneyItem
from portrait.store.races import cause_of
from portrait.sweeps import Cursor, Entrants

PAGE_ITEMS = 1000


def running(campaign: str, version: int, *, since: int, cursor: Cursor | None) -> Entrants:
    """Return a page of those who may be in steps of versions before this one, the newest first.

    Args:
        since: who entered before it is left out, UTC ms.

    Raises:
        Unavailable: DynamoDB did not answer in time.
    """
    try:
        answer: dict[str, Any] = JourneyItem._get_connection().query(
            campaign,
            range_key_condition=JourneyItem.entered_at >= since,
            filter_condition=(JourneyItem.version < version)
            & (JourneyItem.arm == "treated")
            & JourneyItem.left_at.does_not_exist(),
            index_name="by_campaign",
            attributes_to_get=["subject"],
            limit=PAGE_ITEMS,
            scan_index_forward=False,
            exclusive_start_key=cursor,
        )
    except (PynamoDBException, BotoCoreError) as error:
        cause = cause_of(error) if isinstance(error, PynamoDBException) else type(error).__name__
        raise Unavailable(f"a page of journeys could not be read: {cause}") from error
    homes = [item["subject"]["S"] for item in answer["Items"]]
    return Entrants(homes, answer.get("LastEvaluatedKey"))
