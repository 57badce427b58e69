"""The smallest list that still fails: delta debugging, with a limit on how often it may try."""

from collections.abc import Callable, Sequence
from typing import TypeVar

Part = TypeVar("Part")


def shrunk(
    whole: Sequence[Part], fails: Callable[[Sequence[Part]], bool], *, tries: int = 300
) -> list[Part]:
    """Return a part of `whole` that still fails and, if `tries` sufficed, no smaller one near it.

    Source: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input" (2002),
    of which only the complements are tried: a part of a world seldom fails like the whole.
    """
    kept = list(whole)
    pieces = 2
    while len(kept) > 1 and tries > 0:
        size = -(-len(kept) // pieces)
        for start in range(0, len(kept), size):
            fewer = kept[:start] + kept[start + size :]
            tries -= 1
            if fewer and fails(fewer):
                kept, pieces = fewer, max(2, pieces - 1)
                break
            if tries <= 0:
                break
        else:
            if size == 1:
                break
            pieces = min(len(kept), pieces * 2)
    return kept
