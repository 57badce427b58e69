"""Whom a request is about: `<namespace>:<value>`, as a path or a body says it."""

from typing import NamedTuple
from urllib.parse import unquote

from portrait import identity
from portrait.faults import Rejected
from portrait.identity_rules import IdentityRules


class Subject(NamedTuple):
    """An identifier as it was asked for, and what is asked about it."""

    identifier: str
    section: str


def in_path(path: str, prefix: str) -> Subject | None:
    """Read `<prefix>/<namespace>:<value>/<section>`, or return None where it is another path.

    An HTTP API hands over a path in which every escape is decoded but `%25`, so decoding once more
    gives what the client meant, and a value may hold slashes. (It cuts a value off at `?`.)
    """
    if not path.startswith(prefix + "/"):
        return None
    identifier, _, section = path[len(prefix) + 1 :].rpartition("/")
    return Subject(unquote(identifier), section) if identifier else None


def home_of(identifier: str, rules: IdentityRules, secret: bytes) -> str | None:
    """Return the home of an identifier, or None for a value that can identify nobody.

    Raises:
        Rejected: it is not a namespace and a value.
    """
    namespace, colon, value = identifier.partition(":")
    if not (namespace and colon and value) or namespace.startswith("$"):
        raise Rejected("invalid_identifier", "expected <namespace>:<value>, such as email:a@b.se")
    normal = rules.normalise(namespace, value)
    return None if normal is None else identity.home(secret, namespace, normal, rules.strengths)
