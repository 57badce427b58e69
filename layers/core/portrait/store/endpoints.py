"""How the endpoints of webhooks do: one small item for each that has failed lately.

In the definitions table: shelf `endpoints`, slot the endpoint's key. Reads are remembered for some
seconds, and an endpoint that works is never written, so this costs next to nothing. Where the table
does not answer, an endpoint is taken to work: a breaker must not stop what it is there to protect.
"""

import logging
from typing import Any

from botocore.exceptions import BotoCoreError
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist, PynamoDBException
from pynamodb.models import Model

from portrait.channels.circuit import FAILURES, PROBE_MS, Circuit, open_for
from portrait.store.races import cause_of, is_refused
from portrait.store.shelves import Shelves

SHELF = "endpoints"
REMEMBERED_MS = 10_000
"""For how long a process believes what it read; also how far behind others it may be."""

_log = logging.getLogger(__name__)
_seen: dict[str, tuple[int, Circuit]] = {}


class EndpointItem(Model):
    """One endpoint. Storage shape only, no behaviour."""

    class Meta(Shelves):
        pass

    shelf = UnicodeAttribute(hash_key=True)
    slot = UnicodeAttribute(range_key=True)
    failures = NumberAttribute(null=True)
    opened = NumberAttribute(null=True)
    open_until = NumberAttribute(null=True)
    gone_at = NumberAttribute(null=True)


def look(key: str, now: int) -> Circuit:
    """Return what is known of the endpoint, at most REMEMBERED_MS old; now is in UTC ms."""
    at, circuit = _seen.get(key, (0, Circuit()))
    if abs(now - at) < REMEMBERED_MS:
        return circuit
    try:
        circuit = _circuit(EndpointItem.get(SHELF, key))
    except DoesNotExist:
        circuit = Circuit()
    except (PynamoDBException, BotoCoreError) as error:
        _unanswered(error)
    _seen[key] = now, circuit
    return circuit


def claim_probe(key: str, seen: Circuit, now: int) -> bool:
    """Tell whether this process is the one that may ask an endpoint whether it works again.

    Nobody else is, for PROBE_MS.
    """
    return _write(
        key,
        [EndpointItem.open_until.set(now + PROBE_MS)],
        EndpointItem.open_until == seen.open_until,
    )


def succeeded(key: str) -> None:
    """Forget all failures."""
    fields = (EndpointItem.failures, EndpointItem.opened, EndpointItem.open_until)
    _write(key, [field.remove() for field in fields])


def failed(key: str, now: int, *, probing: bool) -> None:
    """Count a failure; open the circuit where it is one too many, or where a probe found it bad.

    Of those that fail at once one opens it.
    """
    item = EndpointItem(SHELF, key)
    if not _write(key, [EndpointItem.failures.add(1)], item=item):
        return
    known = _circuit(item)
    if probing or (known.failures >= FAILURES and not known.open_until):
        opening = [
            EndpointItem.open_until.set(now + open_for(known.opened)),
            EndpointItem.opened.add(1),
        ]
        as_seen = EndpointItem.open_until == known.open_until
        _write(key, opening, as_seen if probing else EndpointItem.open_until.does_not_exist())


def gone(key: str, version: int) -> None:
    """Remember that the endpoint answered 410 to this version of its template."""
    _write(key, [EndpointItem.gone_at.set(version)])


def _write(
    key: str, actions: list[Any], condition: Any = None, *, item: EndpointItem | None = None
) -> bool:
    """Update the item and tell whether that may be relied on: not if others were faster."""
    _seen.pop(key, None)
    try:
        (item or EndpointItem(SHELF, key)).update(actions=actions, condition=condition)
    except PynamoDBException as error:
        if is_refused(error):
            return False
        _unanswered(error)
    except BotoCoreError as error:
        _unanswered(error)
    return True


def _circuit(item: EndpointItem) -> Circuit:
    return Circuit(
        int(item.failures or 0),
        int(item.opened or 0),
        int(item.open_until or 0),
        int(item.gone_at or 0),
    )


def _unanswered(error: Exception) -> None:
    cause = cause_of(error) if isinstance(error, PynamoDBException) else type(error).__name__
    _log.warning("endpoints could not be read or written: %s", cause)
