"""Objection: who does not want to be profiled is not learned from, and has no scores."""

from portrait.consents import EVERY, consent_key, latest_consent
from portrait.portrait import Portrait

PROFILING = "profiling"
_OF_PROFILING = consent_key("", PROFILING)
_OF_EVERYTHING = consent_key(EVERY, EVERY)


def objects(portrait: Portrait) -> bool:
    """Tell whether the last word about profiling, on whatever channel, withdraws it.

    Who withdraws everything withdraws this as well; who withdraws all messages of a channel talks
    of messages.
    """
    said = (portrait.kept, *(strand.consents for strand in portrait.strands.values()))
    word = latest_consent(
        consent
        for words in said
        for key, consent in words.items()
        if key.endswith(_OF_PROFILING) or key == _OF_EVERYTHING
    )
    return word is not None and word.status == "withdrawn"
