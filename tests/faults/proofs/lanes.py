"""A few invocations at once over an account of their own, until a queue's worth is done."""

import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from tests.faults.account import Account, handlers
from tests.faults.deployment import WRITE_KEYS
from tests.faults.said import Said, call

Record = dict[str, Any]
Work = Callable[[], Any]
PATIENCE = 200
"""Rounds after which nothing goes wrong any more, so that what is left comes to an end."""


def records(said: Sequence[Said], *, again: float = 0.0, random: Random) -> list[Record]:
    """Return what was said as the queue hands it over, some of it twice."""
    bodies = [
        (json.dumps({**call(one), "writeKey": WRITE_KEYS["till"]}), one.told_at)
        for one in said
        for _ in range(2 if random.random() < again else 1)
    ]
    return [
        {
            "messageId": f"m-{number}",
            "body": body,
            "attributes": {"SentTimestamp": str(at), "ApproximateReceiveCount": "1"},
        }
        for number, (body, at) in enumerate(bodies)
    ]


def apply(
    account: Account,
    waiting: Sequence[Record],
    random: Random,
    *,
    width: int,
    sizes: Sequence[int],
    beside: Sequence[Work] = (),
) -> None:
    """Let profile have all of it in `width` invocations at once, beside other work, until done."""
    left, others, rounds = list(waiting), list(beside), 0
    while left or others:
        rounds += 1
        if rounds > 2 * PATIENCE:
            raise RuntimeError("what is left does not come to an end")
        account.faults.active = account.faults.active and rounds < PATIENCE
        batches: list[list[Record]] = []
        while left and len(batches) < width:
            size = random.choice(sizes)
            batches.append(left[:size])
            del left[:size]
        works: list[Work] = [lambda batch=batch: _invoke(account, batch) for batch in batches]
        results = account.stage.run([*works, *others])
        for batch, kept in zip(batches, results[: len(batches)], strict=True):
            left += [
                one for one in batch if isinstance(kept, BaseException) or one["messageId"] in kept
            ]
        ended = zip(others, results[len(batches) :], strict=True)
        others = [work for work, result in ended if isinstance(result, BaseException)]
        account.clock.advance(random.randrange(400))


def _invoke(account: Account, batch: list[Record]) -> set[str]:
    account.stage.act_as("profile")
    account.take_over("profile")
    answer = handlers()["profile"]({"Records": batch}, None)
    return {each["itemIdentifier"] for each in answer["batchItemFailures"]}


def pause(account: Account) -> Callable[[int], None]:
    """Return a way to wait before another try, in the account's time."""
    return lambda attempt: account.clock.advance(20 * attempt)
