"""Identity rules: what makes two identifiers one customer's, and what never does."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator
from pydantic_core import PydanticCustomError

from portrait.definitions.fields import Duration, Flag, Form, Whole, Window
from portrait.definitions.parts import Part
from portrait.definitions.patterns import MAX_PATTERN, check_pattern
from portrait.durations import milliseconds
from portrait.identity import STRENGTH
from portrait.metrics import DAY_MS


def _country(code: str) -> str:
    import phonenumbers  # takes longer to import than all else here, and few documents name one

    if code not in phonenumbers.SUPPORTED_REGIONS:
        raise PydanticCustomError("country", "expected an ISO 3166 country code such as SE")
    return code


def _within_a_day(duration: str) -> str:
    if milliseconds(duration) > DAY_MS:
        raise PydanticCustomError("follow", "expected at most 24h: a till has many people in a day")
    return duration


NamespaceName = Annotated[
    str,
    Form(
        "[A-Za-z0-9][A-Za-z0-9_.-]{0,63}",
        "a type of identifier: a letter or digit and up to 63 of letters, digits, _ . -",
    ),
]
Pattern = Annotated[str, Field(max_length=MAX_PATTERN), AfterValidator(check_pattern)]
Patterns = Annotated[tuple[Pattern, ...], Field(max_length=100)]


class Namespace(Part):
    """How far one type of identifier is trusted; what is not given stays as the product has it."""

    strength: Annotated[Whole, Field(ge=1, le=25)] | None = None
    """How strongly a type of your own identifies, 1 (strong) to 25; 10 where nothing is said. The
    product's own are user_id 0, email 2, phone 6, loyalty_id 8, anonymous_id 20. It is part of
    every key of the type, so it is chosen once, with the first document that names it."""
    limit: Annotated[Whole, Field(ge=1, le=100)] | None = None
    """How many different ones a customer may have; one more is not linked."""
    window: Window | None = None
    """Count only those seen within this time of the newest, such as 365d, or `ever`."""
    people: Annotated[Whole, Field(ge=1, le=20)] | None = None
    """How many customers, not otherwise connected, one of them may tie together into one."""
    bearers: Annotated[Whole, Field(ge=1, le=20)] | None = None
    """How many people of different first names may use one before it is taken for shared."""
    dominance: Annotated[Whole, Field(ge=0, le=100)] | None = None
    """A disputed one stays with the customer who was seen with it this many times as often as all
    others together; 0 never."""
    follow: Annotated[Duration, AfterValidator(_within_a_day)] | None = None
    """How long after a sign-in what happens on a shared one is taken for that customer's."""
    blocked: Patterns | None = None
    """Values of this type that identify nobody, as patterns of the whole value in lower case."""


class Identity(Part):
    """Who is taken for one customer. Changing it changes who new events are taken for; try it out
    on the archive first."""

    kind: Literal["identity"]
    """Which kind of document this is."""
    key: Literal["default"]
    """There is one set of rules."""
    country: (
        Annotated[str, Form("[A-Z]{2}", "two capital letters"), AfterValidator(_country)] | None
    ) = None
    """ISO 3166 code of the country whose phone numbers are written without a prefix; not given,
    they are taken as they are written."""
    plus_tags: Flag | None = None
    """Whether a+tag@b.se is another address than a@b.se; not given, as the product has it."""
    blocked: Patterns = ()
    """Values of any type that identify nobody, beside those that the product knows, as patterns of
    the whole value in lower case."""
    namespaces: Annotated[
        dict[NamespaceName, Namespace], Field(max_length=50, default_factory=dict)
    ]
    """Rules by type of identifier."""

    @field_validator("namespaces")
    @classmethod
    def _known_ones_keep_their_strength(
        cls, namespaces: dict[str, Namespace]
    ) -> dict[str, Namespace]:
        own = STRENGTH.values()
        for name, one in namespaces.items():
            if one.strength is not None and (name in STRENGTH or one.strength in own):
                taken = ", ".join(map(str, sorted(own)))
                raise PydanticCustomError(
                    "strength", f"{name}: {taken} are the product's own strengths"
                )
        return namespaces
