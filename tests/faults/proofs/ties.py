"""Two words at one instant, and words that come late: doubt is read against sending."""

from itertools import permutations

from portrait.catalogue import Catalogue
from portrait.event import Event
from tests.faults.account import Reach
from tests.faults.ages import HOUR_MS
from tests.faults.aws import Clock
from tests.faults.proofs.result import Result
from tests.unit.core.worlds import Table, feed

ABOUT = {"channel": "email", "purpose": "marketing"}
STORIES: list[tuple[str, list[tuple[str, int, int]], str]] = [
    ("a tie", [("Granted", 5, 5), ("Withdrawn", 5, 5)], "withdrawn"),
    ("a late yes", [("Withdrawn", 5, 5), ("Granted", 3, 9)], "withdrawn"),
    ("a no heard late", [("Granted", 5, 5), ("Withdrawn", 3, 9)], "withdrawn"),
    ("a yes dated ahead", [("Granted", 9, 4), ("Withdrawn", 5, 5)], "withdrawn"),
    ("a newer yes", [("Withdrawn", 5, 5), ("Granted", 6, 6)], "granted"),
    ("a late second yes", [("Granted", 1, 1), ("Withdrawn", 5, 5), ("Granted", 4, 9)], "withdrawn"),
]  # fmt: skip
"""What is said, when (hours), when it is heard, and the word that must stand."""


def ties(reach: Reach, *, seed: int) -> Result:
    """Tell each story in every order."""
    result = Result("ties", seed)
    for name, words, stands in STORIES:
        for order in permutations(range(len(words))):
            table = Table()
            for place in order:
                feed([_event(place, *words[place])], table)
            (portrait,) = table.portraits().values()
            now = Clock().now_ms + 30 * HOUR_MS
            found = portrait.view(Catalogue(), now).consent("email", "marketing")
            result.size += 1
            if found != stands:
                result.problems.append(f"{name}, in the order {order}: {found}, not {stands}")
    return result


def _event(number: int, word: str, said: int, heard: int) -> Event:
    start = Clock().now_ms
    return Event(
        id=f"m-{number}",
        source="web",
        kind="track",
        name=f"Consent {word}",
        identifiers=(("user_id", "C-1"),),
        timestamp=start + said * HOUR_MS,
        received_at=start + heard * HOUR_MS,
        properties=ABOUT,
    )
