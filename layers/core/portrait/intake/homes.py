"""Events that know the home of a customer and none of their identifiers."""

import re

from portrait.event import Identifier

HOME = "$home"
"""The namespace whose value is the home itself. Only our own functions write it: no client can, for
`subjects` takes no namespace that begins so."""

_HOME = re.compile(r"[a-z][a-z2-7]{26}")


def at_home(home: object) -> tuple[Identifier, ...]:
    """Return the identifiers of an event about whom that home belongs to; none if it is no home."""
    return ((HOME, home),) if isinstance(home, str) and _HOME.fullmatch(home) else ()
