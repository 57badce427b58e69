"""What AWS answers when it refuses, and what botocore makes of it."""

from collections.abc import Callable
from typing import Any, NoReturn

from botocore.exceptions import ClientError

THROTTLES = {
    "dynamodb": ("ProvisionedThroughputExceededException", 400),
    "events": ("ThrottlingException", 400),
    "pinpoint-sms-voice-v2": ("ThrottlingException", 400),
    "s3": ("SlowDown", 503),
    "scheduler": ("ThrottlingException", 429),
    "secretsmanager": ("ThrottlingException", 400),
    "sesv2": ("TooManyRequestsException", 429),
    "sqs": ("RequestThrottled", 403),
}
"""With which code and HTTP status each service asks for less."""

SERVER_FAULTS = {
    "events": ("InternalException", 500),
    "pinpoint-sms-voice-v2": ("InternalServerException", 500),
    "s3": ("InternalError", 500),
    "scheduler": ("InternalServerException", 500),
    "secretsmanager": ("InternalServiceError", 500),
    "sesv2": ("InternalFailure", 500),
    "sqs": ("InternalError", 500),
}
"""With which code and HTTP status each service fails of itself; others: InternalServerError."""

Raise = Callable[[str], type[ClientError]]


class Refused(Exception):
    """An error answer: its code, its HTTP status, and what else the body says."""

    def __init__(self, code: str, message: str = "", *, status: int = 400, **details: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status, self.details = code, message, status, details

    def as_error(self, operation: str, class_of: Raise | None = None) -> ClientError:
        """Return the exception that a client raises for it.

        Args:
            class_of: the client's own exception class by code; botocore's plain one without.
        """
        response = {
            "Error": {"Code": self.code, "Message": self.message},
            "ResponseMetadata": {
                "HTTPStatusCode": self.status,
                "HTTPHeaders": {"x-amzn-requestid": "simulated"},
                "RequestId": "simulated",
                "RetryAttempts": 0,
            },
            **self.details,
        }
        kind = ClientError if class_of is None else class_of(self.code)
        return kind(response, operation)  # type: ignore[arg-type]  # the stub knows no extra keys


def invalid(message: str) -> NoReturn:
    """Refuse a request that could never succeed."""
    raise Refused("ValidationException", message)


def throttled(service: str) -> Refused:
    """Return the refusal with which a service asks its client to slow down."""
    code, status = THROTTLES[service]
    return Refused(code, "Rate exceeded", status=status)


def failed(service: str) -> Refused:
    """Return the refusal of a service that failed before it did anything."""
    code, status = SERVER_FAULTS.get(service, ("InternalServerError", 500))
    return Refused(code, "Internal error", status=status)
