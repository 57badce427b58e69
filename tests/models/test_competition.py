"""The competition: nobody ships who is worse than the one-line rule on the same holdout."""

import numpy as np

from models.calibration import Prior
from models.chance import Chance
from models.competition import best

TASK = Chance(Prior())
OUTCOMES = np.tile([0.0, 1.0], 500)


def chances(sure: float, wrong: int = 0, slip: float = 0.0):
    """Return chances as sure of every outcome, but for the first `wrong` rows, which get `slip`."""
    given = np.full(len(OUTCOMES), sure)
    given[:wrong] = slip
    return np.where(OUTCOMES == 1, given, 1 - given)


def test_the_rule_wins_against_who_is_worse_and_loses_against_who_is_clearly_better():
    assert best(TASK, OUTCOMES, [chances(0.7), chances(0.6)]) == 0
    assert best(TASK, OUTCOMES, [chances(0.6), chances(0.7)]) == 1


def test_of_two_that_beat_the_rule_alike_the_simpler_wins():
    assert best(TASK, OUTCOMES, [chances(0.6), chances(0.7), chances(0.7)]) == 1


def test_who_orders_customers_worse_than_the_rule_is_out_however_little_it_loses():
    timid, bold = chances(0.51), chances(0.9, wrong=40, slip=0.3)
    assert TASK.losses(OUTCOMES, bold).mean() < TASK.losses(OUTCOMES, timid).mean()
    assert best(TASK, OUTCOMES, [timid, bold]) == 0


class Unordered(Chance):
    """Nobody orders customers better than another: what counts is the loss alone."""

    def order(self, outcomes, predictions):
        return 0.0


def test_who_is_within_chance_of_the_best_does_not_ship_above_the_rules_own_loss():
    # Few and dreadful mistakes make a loss that is as high as it is uncertain.
    rule, gambler, steady = chances(0.89), chances(0.9, wrong=3, slip=1e-4), chances(0.9)
    losses = [TASK.losses(OUTCOMES, one).mean() for one in (rule, gambler, steady)]

    assert losses[2] < losses[0] < losses[1]
    assert best(Unordered(Prior()), OUTCOMES, [rule, gambler, steady]) == 2
