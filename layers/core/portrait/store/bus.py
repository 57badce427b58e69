"""The EventBridge bus: facts for whoever listens."""

import json
from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError

from portrait.facts import Fact
from portrait.faults import Unavailable
from portrait.settings import get_settings
from portrait.store.session import client

MAX_ENTRIES = 10
SOURCE = "portrait"


def publish(facts: Sequence[Fact]) -> None:
    """Put the facts on the bus. At least once: each detail carries an `id` to recognise it by.

    Raises:
        Unavailable: at least one fact was not taken; the caller repeats them all.
    """
    events, name = client("events"), get_settings().event_bus
    for start in range(0, len(facts), MAX_ENTRIES):
        entries = [
            {
                "Source": SOURCE,
                "DetailType": fact.kind,
                "Detail": json.dumps(fact.detail, separators=(",", ":")),
                "EventBusName": name,
            }
            for fact in facts[start : start + MAX_ENTRIES]
        ]
        try:
            answer = events.put_events(Entries=entries)
        except (BotoCoreError, ClientError) as error:
            raise Unavailable(f"the bus did not answer: {type(error).__name__}") from error
        if answer.get("FailedEntryCount"):
            raise Unavailable(f"{answer['FailedEntryCount']} facts were not taken by the bus")
