"""The three weeks, and a dry run over what they left in the archive."""

from collections import Counter
from collections.abc import Iterable
from importlib import import_module
from unittest.mock import patch

import pytest

from portrait.campaigns import Campaign
from portrait.definitions.reading import STARTERS
from portrait.experiments import Arm
from portrait.funnel import Dossier
from tests.demo.weeks.play import KEYS, SETTINGS, weeks
from tests.demo.weeks.report import dossiers, funnels
from tests.faults.account import FUNCTIONS, reach

PEOPLE, SEED = 40, 7


@pytest.fixture(scope="module")
def played():
    with reach(STARTERS, KEYS, SETTINGS) as reached:
        found = weeks(reached, seed=SEED, people=PEOPLE)
        for _ in found.play():
            pass
        yield found
    for name in FUNCTIONS:  # they were imported to say nothing, which other tests look at
        import_module(f"functions.{name}.handler").logger.setLevel("INFO")


def test_every_starter_dialogue_is_entered_and_shown_as_a_funnel(played):
    shown = "\n".join(funnels(played))

    for starter in sorted((STARTERS / "campaigns").glob("*.yaml")):
        assert starter.stem in shown or starter.stem == "high_value_order"
    assert "deferred" in shown
    assert "goal" in shown


def test_nothing_is_left_under_way_when_the_weeks_are_over(played):
    queues = played.world.account.queues

    assert {name: len(queue) for name, queue in queues.items() if len(queue)} == {}
    assert played.world.ended == Counter()
    assert played.world.clients.problems == []


def test_nobody_of_a_control_group_is_written_to(played):
    for one in dossiers(played).values():
        assert all(each.arm == "treated" or not each.path for each in one)


@pytest.mark.parametrize("key", ["abandoned_basket", "churn_risk", "onboarding", "replenishment"])
def test_a_dry_run_over_the_archive_finds_who_really_entered(played, key, capsys):
    from portrait.dialogue_dry_run import __main__ as command
    from portrait.dialogue_dry_run import report

    seen = []
    with (
        patch.object(command.time, "time_ns", lambda: played.world.now * 1_000_000),
        patch.object(report, "funnel", lambda campaign, found: _seen(seen, campaign, found)),
    ):
        code = command.main([str(STARTERS / "campaigns" / f"{key}.yaml"), "--from", "2026-03-16"])

    assert code == 0
    assert "contact pressure" in capsys.readouterr().out
    assert _arms(seen) == _arms(dossiers(played)[key])


def _arms(entries: Iterable[Dossier]) -> Counter[Arm]:
    """Count the arms of who entered, but for those whose order was heard of after they had."""
    return Counter(
        one.arm for one in entries if one.goal_at is None or one.goal_at >= one.entered_at
    )


def test_a_dry_run_says_what_the_archive_cannot_tell(played, capsys):
    from portrait.dialogue_dry_run import __main__ as command

    with patch.object(command.time, "time_ns", lambda: played.world.now * 1_000_000):
        command.main([str(STARTERS / "campaigns/birthday.yaml"), "--from", "2026-03-16"])

    assert capsys.readouterr().err.startswith("birthday: the archive holds no personal data")


def _seen(seen: list, campaign: Campaign, found: list):
    from portrait.funnel import funnel

    seen += found
    return funnel(campaign, found)
