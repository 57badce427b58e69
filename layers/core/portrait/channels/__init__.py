"""Ways of reaching a person, and what may be known after trying."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took it, under this id."""

    provider_id: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider did not take it and never will: something is wrong with this very message."""

    reason: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """It was surely not sent, and nothing is wrong with it: the same try may succeed later."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The answer is missing or ambiguous. It may have been sent, so it is never sent again."""

    reason: str


Delivery = Sent | Refused | Deferred | Unknown
