"""The one place where what a source wrote down becomes identifiers, as at the intake."""

from collections.abc import Mapping
from functools import cache

from portrait import identity
from portrait.event import Identifier
from portrait.identity_rules import IdentityRules

AMERICAN, SWEDISH = "US", "SE"


@cache
def rules_of(country: str) -> IdentityRules:
    """Return the product's default rules in a country, with tags of mailboxes left off."""
    return IdentityRules(country=country, plus_tags=False)


def identifiers_of(
    raw: Mapping[str, object], traits: Mapping[str, object], country: str = SWEDISH
) -> tuple[Identifier, ...]:
    """Return the usable identifiers, strongest first; none when nobody could be told by them.

    Args:
        raw: namespace to the value as it was typed.
        traits: what else was said, for identifiers that are made of a trait and a value.
        country: where a telephone number without a country belongs (ISO 3166).
    """
    rules = rules_of(country)
    normal = ((name, rules.normalise(name, value)) for name, value in raw.items())
    usable = {name: value for name, value in normal if value is not None}
    if "phone" in usable:
        named = rules.name_phone(traits, usable["phone"])
        if named is not None:
            usable[identity.NAME_PHONE] = named
    return identity.strongest_first(usable.items())
