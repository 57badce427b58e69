"""What answering a callback or a click needs from outside."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from portrait.catalogue import Catalogue


class Outside(NamedTuple):
    """Nothing is asked for before it is needed. Each may raise Unavailable.

    `send` returns when the queue has the bodies.
    """

    catalogue: Callable[[], Catalogue]
    secret: Callable[[], bytes]
    send: Callable[[Sequence[str]], None]
