"""Walking over the portraits table, for work that concerns every customer."""

from collections.abc import Iterator

from pynamodb.exceptions import PynamoDBException

from portrait.faults import Unavailable
from portrait.record import Record
from portrait.store.portraits import PortraitItem, load_resolved, write
from portrait.store.races import cause_of

__all__ = ["load_resolved", "roots", "write"]


def roots() -> Iterator[Record]:
    """Yield every portrait, a page at a time, as it was when its page was read.

    Raises:
        Unavailable: DynamoDB did not answer in time.
    """
    try:
        for item in PortraitItem.scan(PortraitItem.state.exists()):
            yield Record(item.home, int(item.version), item.state or b"")
    except PynamoDBException as error:
        raise Unavailable(f"portraits could not be read: {cause_of(error)}") from error
