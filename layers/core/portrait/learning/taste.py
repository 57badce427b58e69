"""Taste: what to offer a customer next, from an export of which items go together."""

from collections.abc import Callable, Mapping, Sequence
from heapq import nlargest
from typing import Any

from portrait.faults import Rejected

FORMAT, KIND = 1, "taste"

Recommend = Callable[[Mapping[str, float], int, bool], list[str]]


def load(export: Mapping[str, Any]) -> Recommend:
    """Return `recommend(own, k, new)`: the k items that fit best, best first.

    `own` is what the customer bought and how often; what was never bought by anybody counts for
    nothing. With `new` only items that are not their own are told, else their own too. Whoever
    owns nothing is told what sells. Ties go by the name of the item, so that the answer is one.

    Raises:
        Rejected: `unknown_model_format`: written by a later version of the product, or by nobody.
    """
    try:
        if (export["format"], export["kind"]) != (FORMAT, KIND):
            raise ValueError(f"format {export['format']!r} {export['kind']!r}")  # noqa: TRY301
        names, popular = list(map(str, export["items"])), dict(_pairs(export["popular"]))
        similar = [_pairs(flat) for flat in export["similar"]]
        weights = {
            kind: tuple(float(export[kind][part]) for part in ("own", "similar", "popular"))
            for kind in ("new", "repeat")
        }
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise Rejected("unknown_model_format", f"an export cannot be read: {error!r}") from error
    places = {name: place for place, name in enumerate(names)}

    def recommend(own: Mapping[str, float], k: int, new: bool) -> list[str]:
        held = {places[name]: times for name, times in own.items() if name in places}
        of_own, of_similar, of_popular = weights["new" if new else "repeat"]
        worth = {place: of_popular * share for place, share in popular.items()}
        for place in held if of_similar else ():
            for other, weight in similar[place]:
                worth[other] = worth.get(other, 0.0) + of_similar * weight
        for place, times in held.items():
            if new:
                worth.pop(place, None)
            elif of_own:
                worth[place] = worth.get(place, 0.0) + of_own * times
        best = nlargest(k, worth, key=lambda place: (worth[place], -place))
        return [names[place] for place in best]

    return recommend


def _pairs(flat: Sequence[float]) -> list[tuple[int, float]]:
    return [(int(flat[n]), float(flat[n + 1])) for n in range(0, len(flat), 2)]
