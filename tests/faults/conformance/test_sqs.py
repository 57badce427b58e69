"""Standard queues: visibility, receipts, delay, redrive, batches, and what a body may hold."""

import hashlib
from typing import Any

import pytest

from tests.faults.conformance.worlds import World, outcome

LIMIT = 2**20


def send(world: World, url: str, *bodies: str) -> None:
    for body in bodies:
        world.client("sqs").send_message(QueueUrl=url, MessageBody=body)


def receive(world: World, url: str, **more: Any) -> list[dict[str, Any]]:
    request = {"MaxNumberOfMessages": 10, "AttributeNames": ["All"], **more}
    answer = world.client("sqs").receive_message(QueueUrl=url, **request)
    return answer.get("Messages", [])  # type: ignore[no-any-return]


def bodies(messages: list[dict[str, Any]]) -> list[str]:
    return sorted(message["Body"] for message in messages)


def test_what_is_sent_is_received_with_its_time(world: World) -> None:
    url = world.queue()
    sent = world.client("sqs").send_message(QueueUrl=url, MessageBody="ä body")
    (message,) = receive(world, url)
    assert message["Body"] == "ä body"
    assert message["MessageId"] == sent["MessageId"]
    assert message["MD5OfBody"] == sent["MD5OfMessageBody"]
    assert message["MD5OfBody"] == hashlib.md5("ä body".encode()).hexdigest()
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    assert len(message["Attributes"]["SentTimestamp"]) == 13


def test_a_received_message_hides_until_its_time(world: World) -> None:
    url = world.queue(visibility_s=1)
    send(world, url, "a")
    assert bodies(receive(world, url)) == ["a"]
    assert receive(world, url) == []
    world.wait(1.2)
    (message,) = receive(world, url)
    assert message["Attributes"]["ApproximateReceiveCount"] == "2"


def test_a_receive_may_say_how_long_it_hides(world: World) -> None:
    url = world.queue(visibility_s=30)
    send(world, url, "a")
    assert bodies(receive(world, url, VisibilityTimeout=0)) == ["a"]
    assert bodies(receive(world, url)) == ["a"]


def test_a_deleted_message_does_not_come_back(world: World) -> None:
    url = world.queue(visibility_s=1)
    send(world, url, "a", "b")
    first, second = receive(world, url)
    world.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
    world.wait(1.2)
    assert bodies(receive(world, url)) == [second["Body"]]


def test_deleting_twice_is_no_error(world: World) -> None:
    url = world.queue()
    send(world, url, "a")
    (message,) = receive(world, url)
    request = {"QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]}
    delete = world.client("sqs").delete_message
    assert [outcome(delete, **request) for _ in range(2)] == ["ok", "ok"]


@pytest.mark.parametrize("operation", ["delete_message", "change_message_visibility"])
def test_a_receipt_that_is_none(world: World, operation: str) -> None:
    url = world.queue()
    more = {"VisibilityTimeout": 1} if operation.startswith("change") else {}
    call = getattr(world.client("sqs"), operation)
    code = outcome(call, QueueUrl=url, ReceiptHandle="nonsense", **more)
    assert code == "ReceiptHandleIsInvalid"


def test_visibility_may_end_at_once(world: World) -> None:
    url = world.queue()
    send(world, url, "a")
    (message,) = receive(world, url)
    world.client("sqs").change_message_visibility(
        QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
    )
    assert bodies(receive(world, url)) == ["a"]


def test_visibility_may_be_longer(world: World) -> None:
    url = world.queue(visibility_s=1)
    send(world, url, "a")
    (message,) = receive(world, url)
    world.client("sqs").change_message_visibility(
        QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=60
    )
    world.wait(1.2)
    assert receive(world, url) == []


@pytest.mark.parametrize("seconds", [-1, 43_201])
def test_visibility_has_its_limits(world: World, seconds: int) -> None:
    url = world.queue()
    send(world, url, "a")
    (message,) = receive(world, url)
    code = outcome(
        world.client("sqs").change_message_visibility,
        QueueUrl=url,
        ReceiptHandle=message["ReceiptHandle"],
        VisibilityTimeout=seconds,
    )
    assert code == "InvalidParameterValue"


def test_a_message_may_come_later(world: World) -> None:
    url = world.queue()
    world.client("sqs").send_message(QueueUrl=url, MessageBody="a", DelaySeconds=1)
    assert receive(world, url) == []
    world.wait(1.2)
    assert bodies(receive(world, url)) == ["a"]


def test_a_delay_has_its_limit(world: World) -> None:
    url, sqs = world.queue(), world.client("sqs")
    code = outcome(sqs.send_message, QueueUrl=url, MessageBody="a", DelaySeconds=901)
    assert code == "InvalidParameterValue"


def test_what_is_received_too_often_goes_to_the_dead_letters(world: World) -> None:
    dead = world.queue()
    url = world.queue(dlq=dead, max_receives=2, visibility_s=0)
    send(world, url, "poison")
    assert [bodies(receive(world, url)) for _ in range(3)] == [["poison"], ["poison"], []]
    (message,) = receive(world, dead)
    assert message["Body"] == "poison"


def test_dead_letters_keep_id_and_time(world: World) -> None:
    dead = world.queue()
    url = world.queue(dlq=dead, max_receives=1, visibility_s=0)
    send(world, url, "poison")
    (before,) = receive(world, url)
    assert receive(world, url) == []
    (after,) = receive(world, dead)
    assert after["MessageId"] == before["MessageId"]
    assert after["Attributes"]["SentTimestamp"] == before["Attributes"]["SentTimestamp"]


def test_what_is_deleted_in_time_is_no_dead_letter(world: World) -> None:
    dead = world.queue()
    url = world.queue(dlq=dead, max_receives=1, visibility_s=1)
    send(world, url, "fine")
    (message,) = receive(world, url)
    world.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    world.wait(1.2)
    assert receive(world, url) == []
    assert receive(world, dead) == []


def test_a_batch_is_taken_whole(world: World) -> None:
    url = world.queue()
    entries = [{"Id": f"{n}", "MessageBody": f"body {n}"} for n in range(10)]
    answer = world.client("sqs").send_message_batch(QueueUrl=url, Entries=entries)
    assert sorted(one["Id"] for one in answer["Successful"]) == [f"{n}" for n in range(10)]
    assert not answer.get("Failed")
    assert bodies(receive(world, url)) == [f"body {n}" for n in range(10)]


@pytest.mark.parametrize(
    ("ids", "code"),
    [
        ([], "EmptyBatchRequest"),
        ([f"{n}" for n in range(11)], "TooManyEntriesInBatchRequest"),
        (["a", "a"], "BatchEntryIdsNotDistinct"),
        (["a b"], "InvalidBatchEntryId"),
    ],
    ids=["none", "11", "twice", "malformed"],
)
def test_a_batch_that_is_refused(world: World, ids: list[str], code: str) -> None:
    entries = [{"Id": id_, "MessageBody": "x"} for id_ in ids]
    send_batch = world.client("sqs").send_message_batch
    found = outcome(send_batch, QueueUrl=world.queue(), Entries=entries)
    assert found == f"AWS.SimpleQueueService.{code}"


def test_one_bad_entry_fails_alone(world: World) -> None:
    url = world.queue()
    entries = [{"Id": "good", "MessageBody": "x"}, {"Id": "bad", "MessageBody": "\ufffe"}]
    answer = world.client("sqs").send_message_batch(QueueUrl=url, Entries=entries)
    assert [one["Id"] for one in answer["Successful"]] == ["good"]
    (failed,) = answer["Failed"]
    assert (failed["Id"], failed["SenderFault"]) == ("bad", True)
    assert failed["Code"] == "InvalidMessageContents"


def test_a_batch_deletes(world: World) -> None:
    url = world.queue(visibility_s=1)
    send(world, url, "a", "b")
    entries = [
        {"Id": str(n), "ReceiptHandle": message["ReceiptHandle"]}
        for n, message in enumerate(receive(world, url))
    ]
    answer = world.client("sqs").delete_message_batch(QueueUrl=url, Entries=entries)
    assert sorted(one["Id"] for one in answer["Successful"]) == ["0", "1"]
    world.wait(1.2)
    assert receive(world, url) == []


@pytest.mark.parametrize(
    "body", ["\t\n\r", "\ud7ff\ue000", "\ufffd", "\U00010000\U0010ffff", "<&>\"'", "x" * LIMIT],
    ids=["space", "around_surrogates", "replacement", "astral", "markup", "1_mib"],
)  # fmt: skip
def test_a_body_comes_back_as_it_went(world: World, body: str) -> None:
    url = world.queue()
    send(world, url, body)
    assert bodies(receive(world, url)) == [body]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("\x00", "InvalidMessageContents"),
        ("a\x0b", "InvalidMessageContents"),
        ("\x1f", "InvalidMessageContents"),
        ("\ufffe", "InvalidMessageContents"),
        ("\uffff", "InvalidMessageContents"),
        ("", "MissingParameter"),
        ("x" * (LIMIT + 1), "InvalidParameterValue"),
        ("ä" * (LIMIT // 2 + 1), "InvalidParameterValue"),
    ],
    ids=["nul", "vertical_tab", "x1f", "fffe", "ffff", "empty", "over_1_mib", "over_in_bytes"],
)
def test_a_body_that_is_refused(world: World, body: str, code: str) -> None:
    url = world.queue()
    found = outcome(world.client("sqs").send_message, QueueUrl=url, MessageBody=body)
    assert found == code
    assert receive(world, url) == []


def test_a_batch_holds_at_most_1_mib(world: World) -> None:
    url = world.queue()
    entries = [{"Id": f"{n}", "MessageBody": "x" * (LIMIT // 2 + 1)} for n in range(2)]
    found = outcome(world.client("sqs").send_message_batch, QueueUrl=url, Entries=entries)
    assert found == "AWS.SimpleQueueService.BatchRequestTooLong"


@pytest.mark.parametrize("count", [0, 11])
def test_a_receive_asks_for_1_to_10(world: World, count: int) -> None:
    call = world.client("sqs").receive_message
    found = outcome(call, QueueUrl=world.queue(), MaxNumberOfMessages=count)
    assert found == "InvalidParameterValue"


def test_a_queue_that_does_not_exist(world: World) -> None:
    url = f"{world.queue()}-not"
    found = outcome(world.client("sqs").send_message, QueueUrl=url, MessageBody="x")
    assert found == "AWS.SimpleQueueService.NonExistentQueue"


def test_a_queue_counts_what_it_holds(world: World) -> None:
    url = world.queue()
    send(world, url, "a", "b", "c")
    receive(world, url, MaxNumberOfMessages=1)
    told = world.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    assert [told["Attributes"][name] for name in names] == ["2", "1"]
