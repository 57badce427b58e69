"""Devices as SNS knows them: an endpoint for each token, made when it is first needed."""

import re
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import ClientError

from portrait.channels import Deferred, Delivery, Refused, Sent, Unknown
from portrait.channels.aws import Connection, Failure, attempt, code_of

MAX_REMEMBERED = 10_000

DISABLED = "disabled"
"""Why a device is refused whose token reaches nobody any more."""

_EXISTS = re.compile(r"Endpoint (arn:\S+) already exists with the same Token")
_REFUSED = {
    "EndpointDisabled": DISABLED,
    "InvalidParameter": "bad_token",
    "InvalidParameterException": "bad_token",
    "NotFound": "no_endpoint",
}

_endpoints: dict["Device", str] = {}
"""What was made: asking for it again is harmless, and costs a request."""


class SnsClient(Protocol):
    """What is used of botocore's `sns` client, which must be made with one attempt only."""

    def create_platform_endpoint(self, **request: Any) -> dict[str, Any]: ...
    def set_endpoint_attributes(self, **request: Any) -> dict[str, Any]: ...
    def publish(self, **request: Any) -> dict[str, Any]: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Device:
    """One phone: its address is `<kind>:<token>`; `application` is the ARN for its kind."""

    address: str
    application: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification, in SNS's words."""

    client: Connection[SnsClient]
    message: str
    attributes: dict[str, Any]

    def publish(self, device: Device, *, is_fresh: bool) -> Delivery:
        """Send it to the device once.

        A platform that says a token is dead is believed, unless the app told the token again
        lately: then it is tried once more. Each try that is repeated was refused before.

        Args:
            is_fresh: the token was heard of lately.
        """
        delivery = self._publish(device)
        if delivery == Refused("no_endpoint"):  # deleted since we made it
            _endpoints.pop(device, None)
            delivery = self._publish(device)
        if delivery == Refused(DISABLED) and is_fresh and self._enable(device):
            delivery = self._publish(device)
        return delivery

    def _publish(self, device: Device) -> Delivery:
        endpoint = self._endpoint(device)
        if not isinstance(endpoint, str):
            return endpoint
        answer = attempt(
            lambda: self.client().publish(
                TargetArn=endpoint,
                Message=self.message,
                MessageStructure="json",
                MessageAttributes=self.attributes,
            ),
            _refusal,
        )
        return Sent(answer.get("MessageId", "")) if isinstance(answer, dict) else answer

    def _endpoint(self, device: Device) -> str | Failure:
        """Return the ARN of the device's endpoint; nothing was sent where there is none."""
        if device not in _endpoints:
            token = device.address.partition(":")[2]
            made = attempt(
                lambda: _create(
                    self.client(), PlatformApplicationArn=device.application, Token=token
                ),
                _refusal,
            )
            if not isinstance(made, dict):
                return Deferred(made.reason) if isinstance(made, Unknown) else made
            if len(_endpoints) >= MAX_REMEMBERED:
                _endpoints.clear()
            _endpoints[device] = made["EndpointArn"]
        return _endpoints[device]

    def _enable(self, device: Device) -> bool:
        request = {"EndpointArn": _endpoints[device], "Attributes": {"Enabled": "true"}}
        answer = attempt(lambda: self.client().set_endpoint_attributes(**request), _refusal)
        return isinstance(answer, dict)


def _create(client: SnsClient, **request: Any) -> dict[str, Any]:
    """Make the endpoint, or return the one of this token that somebody made with other data."""
    try:
        return client.create_platform_endpoint(**request)
    except ClientError as error:
        known = _EXISTS.search(error.response.get("Error", {}).get("Message", ""))
        if known is None:
            raise
        return {"EndpointArn": known[1]}


def _refusal(error: ClientError) -> str | None:
    return _REFUSED.get(code_of(error))
