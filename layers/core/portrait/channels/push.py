"""Notifications on phones through SNS: several devices, one message. See push.md."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from portrait.channels import Deferred, Delivery, Outgoing, Refused, Send, Sent, Unknown
from portrait.channels.aws import Connection
from portrait.channels.push_devices import DISABLED, Device, Notice, SnsClient
from portrait.channels.push_payload import expiry, payloads
from portrait.rendering import render_push

MAX_DEVICES = 5
WITHIN_MS = 10_000
"""No other device is tried after this long, so that one message cannot take up an invocation."""


@dataclass(frozen=True, slots=True)
class PushChannel:
    """Sends to each device of the customer, through the platform application of its kind.

    Publishing has no idempotency token, so the client must not retry by itself.

    Attributes:
        applications: by kind of device, ARN of the platform application; empty where there is none.
    """

    client: Connection[SnsClient]
    clock: Callable[[], int]
    applications: Mapping[str, str] = field(default_factory=dict)

    def compose(self, outgoing: Outgoing) -> Send:
        """Write the notification for every platform.

        Raises:
            Rejected: `render_error`, or `push_too_long`.
        """
        push = render_push(outgoing.template, outgoing.values)
        message = payloads(push, outgoing.message_id, outgoing.seconds_left)
        notice = Notice(self.client, message, expiry(outgoing.seconds_left))
        devices = [
            Device(address, self.applications.get(address.partition(":")[0], ""))
            for address in outgoing.addresses[:MAX_DEVICES]
        ]
        return lambda: self._send(notice, devices, outgoing.fresh)

    def forget_connections(self) -> None:
        """Begin the next notification with a new connection."""
        self.client.forget()

    def _send(self, notice: Notice, wanted: list[Device], fresh: frozenset[str]) -> Delivery:
        reachable = [device for device in wanted if device.application]
        if wanted and not reachable:  # our fault, not the message's
            return Deferred("no_application")
        begun = self.clock()
        found: dict[str, Delivery] = {}
        for device in reachable:
            if self.clock() - begun <= WITHIN_MS:
                is_fresh = device.address in fresh
                found[device.address] = notice.publish(device, is_fresh=is_fresh)
        return _united(found)


def _united(found: Mapping[str, Delivery]) -> Delivery:
    """Return what became of the message: sent where any device got it, unknown where one may have.

    So a device that could not be tried is passed over when another was reached, and no device is
    ever sent to twice.
    """
    every = list(found.values())
    dead = tuple(address for address, each in found.items() if each == Refused(DISABLED))
    if ids := [each.provider_id for each in every if isinstance(each, Sent)]:
        return Sent(ids[0], dead)
    for kind in (Unknown, Deferred):
        if failed := next((each for each in every if isinstance(each, kind)), None):
            return failed
    reasons = {each.reason for each in every if isinstance(each, Refused)} - {DISABLED}
    return Refused(min(reasons) if reasons else "no_device", dead)
