"""The proofs at a small size; `make prove` carries out the whole of them."""

import logging
from collections.abc import Iterator
from random import Random

import pytest

from tests.faults.account import Reach, reach
from tests.faults.ages import HOUR_MS
from tests.faults.proofs.checks import CHECKS
from tests.faults.proofs.deliveries import deliveries
from tests.faults.proofs.noticing import noticing
from tests.faults.said import Said
from tests.faults.sending.crowd import Crowd
from tests.faults.sending.ledger import Ledger
from tests.faults.sending.mutants import MUTANTS, OF_SENDING
from tests.faults.sending.programme import NAME
from tests.faults.shrink import shrunk
from tests.faults.stage import Stage
from tests.faults.stores import Stores
from tests.faults.world import World

A_TASTE = {"claims_are_not_written", "a_branch_and_the_timeout_are_taken",
           "it_is_quiet_where_the_company_is"}  # fmt: skip
QUICK = [name for name in MUTANTS if name not in OF_SENDING or name in A_TASTE]
"""Worlds of dialogues take seconds each: of their bugs these; `make prove P=sends` seeds all."""


@pytest.fixture(scope="module")
def reached() -> Iterator[Reach]:
    logging.disable(logging.CRITICAL)
    with reach() as way:
        yield way
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_lost_or_doubled_or_sent_wrongly(reached: Reach, name: str, seed: int):
    result = CHECKS[name](reached, seed)

    assert result.size > 0
    assert not result.problems, result.told()


def test_a_larger_world_in_a_storm(reached: Reach):
    result = deliveries(reached, seed=1)

    assert result.size > 1000
    assert result.facts["mails"] > 10
    assert result.facts["crash_after"] > 0
    assert not result.problems, result.told()


@pytest.mark.parametrize("name", QUICK)
def test_a_seeded_bug_is_noticed(reached: Reach, name: str):
    result = noticing(reached, seed=1, mutant=name)

    assert not result.problems, result.told()


def test_there_are_sixty_seeded_bugs_half_of_them_of_sending():
    assert len(MUTANTS) >= 60
    assert len(OF_SENDING) >= 30


def test_a_seed_says_everything_about_its_world(reached: Reach):
    one, other = (deliveries(reached, seed=3, events=200, people=3) for _ in range(2))

    assert (one.size, one.facts) == (other.size, other.facts)


def test_an_erasure_whose_reply_was_lost_concerns_all_whom_it_emptied(reached: Reach):
    world = World(reached, seed=1, programme=NAME)
    half = Crowd(Random(1), people=1, start=world.now, days=1).halves[0]
    world.play([Said("m", "web", "$identify", half.who, world.now, world.now, {}, {})])
    gone_at = world.now
    for _ in range(2):  # the first was done, and nobody was told
        world.clients.plan([Said("e", "erase", "erase", half.who[:1], world.now, world.now, {})])
        world.run()
        world.account.clock.advance(HOUR_MS)
    ledger = Ledger(world.account)

    ledger.read_on()

    home = Stores(world.account).home
    everybody = {home(one) for one in half.who}
    assert everybody <= ledger.buried[gone_at]
    assert len(world.clients.erased[1][1].homes) < len(everybody)


def test_the_stage_runs_one_at_a_time_and_interleaves():
    stage, running, order = Stage(Random(1)), [], []

    def work(name: str) -> str:
        for _ in range(20):
            running.append(name)
            assert len(running) == 1
            order.append(running.pop())
            stage.pause()
        return name

    assert stage.run([lambda: work("a"), lambda: work("b")]) == ["a", "b"]
    assert "".join(order) not in ("a" * 20 + "b" * 20, "b" * 20 + "a" * 20)


def test_shrinking_finds_the_two_that_matter():
    assert shrunk(range(100), lambda part: {17, 80} <= set(part)) == [17, 80]
