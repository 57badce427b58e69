"""Walking over the portraits table, for work that concerns every customer."""

from collections.abc import Iterator

from pynamodb.exceptions import PynamoDBException

from portrait.faults import Unavailable
from portrait.record import Record
from portrait.store.portraits import PortraitItem, load_resolved, write
from portrait.store.races import cause_of

PAGE_ITEMS = 500

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


def pages(after: str = "") -> Iterator[tuple[list[Record], str]]:
    """Yield the portraits a page at a time, each with the place to go on after it.

    The place after the last page is empty. What is written meanwhile may or may not be seen.

    Args:
        after: where another walk had come to; empty begins anew.

    Raises:
        Unavailable: DynamoDB did not answer in time.
    """
    place = {"home": {"S": after}} if after else None
    try:
        while True:
            page = PortraitItem.scan(
                PortraitItem.state.exists(), limit=PAGE_ITEMS, page_size=PAGE_ITEMS,
                last_evaluated_key=place,
            )  # fmt: skip
            found = [Record(item.home, int(item.version), item.state or b"") for item in page]
            place = page.last_evaluated_key
            yield found, place["home"]["S"] if place else ""
            if not place:
                return
    except PynamoDBException as error:
        raise Unavailable(f"portraits could not be read: {cause_of(error)}") from error
