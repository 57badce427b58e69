"""Calls to advertising platforms: one HTTPS request, or the reason why there is no answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from portrait.audiences.pushing import NotTaken
from portrait.channels.destination import (
    ForbiddenDestination,
    Resolver,
    UnresolvedDestination,
    look_up,
    resolve,
)
from portrait.channels.https import Answer, NoAnswer, NotSent, request

TIMEOUT_SECONDS = 25.0
"""Ten thousand members are some megabytes, and the platform checks each."""

Send = Callable[[str, str, Mapping[str, str], bytes], Answer]
"""Given method, URL, headers and body; returns what came back, or raises NotTaken."""


@dataclass(frozen=True, slots=True)
class Calls:
    """Sends requests under the rules that webhooks are under: https, to public addresses.

    All of them may be repeated, so an answer that was lost is a passing fault like any other.
    """

    private_hosts: frozenset[str] = frozenset()
    resolver: Resolver = look_up

    def __call__(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send the request once.

        Raises:
            NotTaken: there is no answer.
        """
        try:
            destination = resolve(url, private_hosts=self.private_hosts, resolver=self.resolver)
            return request(method, destination, body, headers, seconds=TIMEOUT_SECONDS)
        except ForbiddenDestination as error:
            raise NotTaken(error.reason, lasting=True) from error
        except UnresolvedDestination as error:
            raise NotTaken("unresolved") from error
        except NotSent as error:
            raise NotTaken(error.reason) from error
        except NoAnswer as error:
            raise NotTaken("no_answer") from error


def content(answer: Answer) -> dict[str, Any]:
    """Return the JSON object that came back; an empty one where it is anything else."""
    try:
        found = msgspec.json.decode(answer.body)
    except msgspec.MsgspecError:
        return {}
    return found if isinstance(found, dict) else {}


def error_of(answer: Answer) -> dict[str, Any]:
    """Return the `error` object of an answer, as both platforms call it."""
    error = content(answer).get("error")
    return error if isinstance(error, dict) else {}
