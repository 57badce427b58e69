"""Push through botocore, over HTTP, to a service that reads it by its own model."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from portrait.channels import Deferred, Refused, Sent, Unknown, push_devices
from portrait.channels.aws import Connection
from portrait.channels.push import MAX_DEVICES, WITHIN_MS, PushChannel
from portrait.compiled import Template
from portrait.faults import Rejected
from tests.unit.dispatch.aws_servers import (
    AwsServer,
    Sns,
    answering,
    hang_up,
    notifications,
    say_nothing,
    xml_error,
)
from tests.unit.dispatch.desks import NOW, Clock, an_outgoing

IOS = "arn:aws:sns:eu-north-1:123456789012:app/APNS/shop"
ANDROID = "arn:aws:sns:eu-north-1:123456789012:app/GCM/shop"
BACK = Template(
    "back", 1, "push",
    title="Hej {{ customer.first_name }}",
    body="The lamp is back.\nShall we keep one?",
    url="https://shop.example/lamp",
    data='{"lamp": {{ event.properties.id | json }}, "stock": 3}',
)  # fmt: skip


class World:
    """One customer's phones, and SNS."""

    def __init__(self, server: AwsServer, sns: Sns) -> None:
        self.server, self.sns, self.clock = server, sns, Clock()
        client = server.client()
        self.applications = {"ios": IOS, "android": ANDROID}
        self.channel = PushChannel(Connection(lambda: client), self.clock, self.applications)

    def send(self, *addresses: str, fresh: tuple[str, ...] = (), template: Template = BACK):
        outgoing = an_outgoing(template, addresses=addresses, fresh=frozenset(fresh))
        outgoing.values["event"]["properties"]["id"] = 7  # type: ignore[index]
        return self.channel.compose(outgoing)()

    def asked(self) -> list[str]:
        """Return the operations that SNS was asked for since the last question."""
        names = [request["operation"] for request in self.server.requests]
        self.server.requests.clear()
        return names


@pytest.fixture
def world() -> Iterator[World]:
    push_devices._endpoints.clear()
    with notifications() as (server, sns):
        yield World(server, sns)


def test_each_platform_gets_what_its_service_reads(world):
    assert world.send("ios:t1", "android:t2") == Sent("push-1")

    (apple,), (google,) = world.sns.texts("t1"), world.sns.texts("t2")
    assert apple == google  # one message for all; SNS picks each platform's part
    ours = {"portrait_message_id": "a" * 24, "url": "https://shop.example/lamp"}
    alert = {"title": "Hej Anna", "body": "The lamp is back.\nShall we keep one?"}
    assert json.loads(apple["APNS"]) == {"aps": {"alert": alert}, "lamp": 7, "stock": 3, **ours}
    assert apple["APNS_SANDBOX"] == apple["APNS"]
    assert apple["default"] == alert["body"]
    assert json.loads(apple["GCM"]) == {
        "fcmV1Message": {
            "message": {
                "notification": alert,
                "data": {"lamp": "7", "stock": "3", **ours},  # texts alone
                "android": {"ttl": "3600s"},
            }
        }
    }
    _, request = world.sns.published[0]
    assert request["MessageAttributes"]["AWS.SNS.MOBILE.APNS.TTL"]["StringValue"] == "3600"
    assert world.sns.arn("t1").split(":endpoint/")[1].startswith("APNS/")
    assert world.sns.arn("t2").split(":endpoint/")[1].startswith("GCM/")


def test_an_endpoint_is_made_once_for_a_token(world):
    world.send("ios:t1")
    assert world.asked() == ["CreatePlatformEndpoint", "Publish"]

    assert world.send("ios:t1") == Sent("push-2")
    assert world.asked() == ["Publish"]


def test_an_endpoint_that_somebody_made_with_other_data_is_used_as_it_is(world):
    arn = f"{IOS.replace(':app/', ':endpoint/')}/theirs"
    world.sns.endpoints[arn] = {"Token": "t1", "Enabled": "true", "CustomUserData": "u1"}

    assert world.send("ios:t1") == Sent("push-1")
    assert [target for target, _ in world.sns.published] == [arn]


def test_an_endpoint_that_was_deleted_is_made_again(world):
    world.send("ios:t1")
    world.sns.endpoints.clear()

    assert world.send("ios:t1") == Sent("push-2")


def test_a_token_that_the_platform_calls_dead_is_dead(world):
    world.send("ios:t1")
    world.sns.endpoints[world.sns.arn("t1")]["Enabled"] = "false"
    world.asked()

    assert world.send("ios:t1") == Refused("no_device", dead=("ios:t1",))
    assert world.asked() == ["Publish"]
    assert world.sns.endpoints[world.sns.arn("t1")]["Enabled"] == "false"


def test_a_token_that_the_app_told_again_is_tried_once_more(world):
    world.send("ios:t1")
    world.sns.endpoints[world.sns.arn("t1")]["Enabled"] = "false"
    world.asked()

    assert world.send("ios:t1", fresh=("ios:t1",)) == Sent("push-2")
    assert world.asked() == ["Publish", "SetEndpointAttributes", "Publish"]


def test_one_device_that_took_it_is_enough_and_the_dead_are_named(world):
    world.send("ios:t1", "ios:t2")
    world.sns.endpoints[world.sns.arn("t1")]["Enabled"] = "false"

    assert world.send("ios:t1", "ios:t2") == Sent("push-3", dead=("ios:t1",))


def test_without_any_device_there_is_nobody_to_tell(world):
    assert world.send() == Refused("no_device")
    assert world.send("blackberry:t1") == Deferred("no_application")
    assert world.asked() == []


def test_without_an_application_the_message_waits_for_the_operator(world):
    world.applications.clear()

    assert world.send("ios:t1") == Deferred("no_application")
    assert world.asked() == []


def test_no_more_than_five_devices_are_told(world):
    world.send(*(f"ios:t{n}" for n in range(9)))

    assert len(world.sns.published) == MAX_DEVICES


def test_devices_that_answer_slowly_do_not_take_up_the_invocation(world):
    world.clock = world.channel.clock
    slow = PushChannel(world.channel.client, _Slow(world.clock), world.applications)
    outgoing = an_outgoing(
        Template("t", 1, "push", title="t", body="b"),
        addresses=tuple(f"ios:t{n}" for n in range(5)),
    )

    assert slow.compose(outgoing)() == Sent("push-1")
    assert len(world.sns.published) == 2


class _Slow:
    """A clock that moves on by most of the time there is, whenever it is asked."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __call__(self) -> int:
        self._clock.now += WITHIN_MS // 2
        return self._clock.now


MAKING = {
    "a token that is none": (xml_error(400, "InvalidParameter"), Refused("bad_token")),
    "throttled": (xml_error(400, "Throttled"), Deferred("Throttled")),
    "not allowed": (xml_error(403, "AuthorizationError"), Deferred("AuthorizationError")),
    "failed itself": (xml_error(500, "InternalError"), Deferred("InternalError")),
    "hung up": (hang_up, Deferred("ConnectionClosedError")),
    "no answer": (say_nothing, Deferred("ReadTimeoutError")),
}


@pytest.mark.parametrize(("answer", "result"), MAKING.values(), ids=MAKING.keys())
def test_while_the_endpoint_is_made_nothing_is_sent_so_nothing_is_unknown(world, answer, result):
    world.server.answers.append(answer)

    assert world.send("ios:t1") == result
    assert world.asked() == ["CreatePlatformEndpoint"]
    assert world.send("ios:t1") == Sent("push-1")


PUBLISHING = {
    "throttled": (xml_error(400, "Throttled"), Deferred("Throttled")),
    "application disabled": (
        xml_error(400, "PlatformApplicationDisabled"),
        Deferred("PlatformApplicationDisabled"),
    ),
    "failed itself": (xml_error(500, "InternalError"), Unknown("InternalError")),
    "an error page": (answering(503, "<html>", "text/html"), Unknown("503")),
    "nonsense": (answering(200, "<html>", "text/html"), Unknown("ResponseParserError")),
    "a refusal without words": (answering(400, "", "text/xml"), Unknown("ResponseParserError")),
    "hung up": (hang_up, Unknown("ConnectionClosedError")),
    "no answer": (say_nothing, Unknown("ReadTimeoutError")),
}


@pytest.mark.parametrize(("answer", "result"), PUBLISHING.values(), ids=PUBLISHING.keys())
def test_what_each_answer_means_and_that_there_is_no_second_try(world, answer, result):
    world.send("ios:t1")
    world.asked()
    world.server.answers.append(answer)

    assert world.send("ios:t1") == result
    assert world.asked() == ["Publish"]


def test_an_unclear_answer_from_one_device_outweighs_that_another_could_be_tried_later(world):
    world.send("ios:t1", "ios:t2")
    world.server.answers += [hang_up, xml_error(400, "Throttled")]

    assert world.send("ios:t1", "ios:t2") == Unknown("ConnectionClosedError")


def test_where_nothing_listens_it_was_surely_not_sent(world):
    world.send("ios:t1")
    world.channel.forget_connections()
    world.server.close()

    assert world.send("ios:t1") == Deferred("EndpointConnectionError")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"data": "[1]"}, "render_error: data: what the template writes is not a JSON object"),
        ({"data": "{"}, "render_error: data: what the template writes is not JSON"),
        ({"data": '{"a": {{ campaign }} }'}, "render_error: data: .* must end in `| json`"),
        ({"body": "x" * 5_000}, "push_too_long"),
        ({"title": "{{ customer.nickname }}"}, "render_error: title"),
        ({"body": "{{ nobody }}"}, "render_error: body: there is no variable 'nobody'"),
    ],
)
def test_what_cannot_be_written_is_refused_before_anything_is_sent(world, fields, reason):
    given: dict[str, Any] = {"title": "t", "body": "b", **fields}

    with pytest.raises(Rejected, match=reason):
        world.send("ios:t1", template=Template("t", 1, "push", **given))
    assert world.asked() == []


def test_what_the_template_tells_the_app_cannot_replace_what_we_tell_it(world):
    data = '{"portrait_message_id": "x", "aps": {"badge": 9}}'
    world.send("ios:t1", template=Template("t", 1, "push", title="t", body="b", data=data))

    told = json.loads(world.sns.texts("t1")[0]["APNS"])
    assert told["portrait_message_id"] == "a" * 24
    assert told["aps"] == {"alert": {"title": "t", "body": "b"}}


def test_a_title_is_one_line(world):
    world.send("ios:t1", template=Template("t", 1, "push", title="a{{ now }}\nb", body="b"))

    alert = json.loads(world.sns.texts("t1")[0]["APNS"])["aps"]["alert"]
    assert alert["title"] == f"a{NOW} b"
