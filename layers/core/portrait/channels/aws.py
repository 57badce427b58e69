"""What channels through AWS have in common: one try, and what each kind of failure says of it."""

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ProxyConnectionError,
)
from botocore.parsers import ResponseParserError

from portrait.channels import Deferred, Refused, Unknown

_NEVER_LEFT = (
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    ProxyConnectionError,
)
"""Raised before a byte of the request is written, so that trying again cannot send twice.

Not SSLError: it also stands for TLS that broke while the answer was read."""

Failure = Refused | Deferred | Unknown


class Closeable(Protocol):
    """What every botocore client has."""

    def close(self) -> None: ...


Client = TypeVar("Client", bound=Closeable)


class Connection(Generic[Client]):
    """A client that is made when a message first needs it, and begins without old connections.

    A company that never sends on a channel pays nothing for it.
    """

    def __init__(self, make: Callable[[], Client]) -> None:
        self._make = make
        self._client: Client | None = None

    def __call__(self) -> Client:
        """Return the client, which must make one attempt only."""
        if self._client is None:
            self._client = self._make()
            self._client.close()  # it may be an old one, from before the sandbox was frozen
        return self._client

    def forget(self) -> None:
        """Let the next use begin without old connections."""
        self._client = None


def attempt(
    request: Callable[[], dict[str, Any]], refusal: Callable[[ClientError], str | None]
) -> dict[str, Any] | Failure:
    """Make one request; return its answer, or what is known of it after it failed.

    Args:
        refusal: says why an error is about this very message, or None where it is not.
    """
    try:
        return request()
    except ClientError as error:
        reason = refusal(error)
        return Refused(reason) if reason else _answered(error)
    except ParamValidationError:
        return Refused("bad_request")
    except _NEVER_LEFT as error:
        return Deferred(type(error).__name__)
    except (BotoCoreError, ResponseParserError) as error:
        return Unknown(type(error).__name__)


def code_of(error: ClientError) -> str:
    """Return the name of the error, such as `ThrottlingException`."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _answered(error: ClientError) -> Failure:
    """Judge an error that the service answered with: it surely did not send, unless it failed."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if 400 <= status < 500:  # throttled, paused, not allowed, misconfigured: the message is fine
        return Deferred(code_of(error))
    return Unknown(code_of(error) or f"status_{status}")
