"""History: why identifiers are one customer's, for a person to read."""

from typing import Any

from portrait.evidence import ExternalId
from portrait.merges import steps
from portrait.operations import iso
from portrait.portrait import Portrait


def history(portrait: Portrait) -> list[dict[str, Any]]:
    """Return what happened to a customer's identity, oldest first.

    Each entry has `kind` (`merge`, `unmerge`, `refusal`) and `at` (ISO 8601). A merge names its id,
    the two identifiers that were seen together, and the event (message hash) that named both; an
    unmerge the merge it undid and whether new evidence has `lifted` it since; a refusal the home of
    an identifier that was seen with this customer and not linked, and why: `shared`, `over_limit`
    or `cut`.
    """
    ids = portrait.ids
    told: list[tuple[int, dict[str, Any]]] = [
        (
            step.at,
            {
                "kind": "merge",
                "id": step.id,
                "reason": "seen together on one event",
                "event": step.message.hex(),
                "weaker": _identifier(ids[step.weaker]),
                "stronger": _identifier(ids[step.stronger]),
            },
        )
        for step in steps(ids)
    ]
    told += [
        (
            cut.at,
            {
                "kind": "unmerge",
                "id": cut.id,
                "reason": cut.reason or "a person judged it wrong",
                "homes": [cut.one, cut.other],
                "lifted": cut.one in ids and cut.other in ids,
            },
        )
        for cut in portrait.cuts
    ]
    told += [
        (
            refusal.at,
            {
                "kind": "refusal",
                "reason": refusal.kind,
                "event": refusal.message.hex(),
                "home": home,
            },
        )
        for home, refusal in portrait.refusals.items()
    ]
    return [{**entry, "at": iso(at)} for at, entry in sorted(told, key=lambda pair: pair[0])]


def _identifier(one: ExternalId) -> dict[str, str]:
    return {"type": one.namespace, "id": one.value}
