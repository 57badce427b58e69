"""Events that know the home of a customer and none of their identifiers."""

import re

from portrait.event import Identifier
from portrait.identity import HOME

_HOME = re.compile(r"[a-z][a-z2-7]{26}")


def at_home(home: object) -> tuple[Identifier, ...]:
    """Return the identifiers of an event about whom that home belongs to; none if it is no home.

    Only our own functions write such events: no client can name a namespace that begins with `$`.
    """
    return ((HOME, home),) if isinstance(home, str) and _HOME.fullmatch(home) else ()
