"""The trial of taste: customers as they were before the latest window, and what came in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from models.tables import Floats
from models.taste.contest import AT
from models.taste.features import Lines
from models.taste.train import TrainedTaste
from models.trial import Trial
from portrait.learning.taste import load

EXAMINED = 1000
"""Customers by whom exports are compared, one by one as they are in use."""


class Examinee(NamedTuple):
    """A customer: how often they had bought what before the window, and what they bought in it."""

    own: Mapping[str, float]
    bought: frozenset[str]

    def goal(self, *, new: bool) -> frozenset[str]:
        """Return what should have been recommended."""
        return self.bought - self.own.keys() if new else self.bought


@dataclass(frozen=True)
class TasteTrial(Trial):
    """The trial of a challenger that learned from lines: `lines` has all of them."""

    challenger: TrainedTaste
    lines: Lines

    @property
    def end(self) -> int:
        """The day that the latest window closes."""
        return self.challenger.cuts[-1] + self.challenger.horizon

    @cached_property
    def customers(self) -> int:
        """How many customers bought anything."""
        return self.lines.buyers

    @cached_property
    def examinees(self) -> list[Examinee]:
        """Some customers who had bought before the window, and did again: items known before."""
        lines, cut = self.lines, self.challenger.cuts[-1]
        early, within = lines.day < cut, (lines.day >= cut) & (lines.day < self.end)
        within &= np.isin(lines.item, lines.item[early])
        both = np.intersect1d(lines.customer[early], lines.customer[within])
        chance = np.random.default_rng(self.challenger.seed)
        chosen = np.sort(chance.permutation(both)[:EXAMINED])
        before, after = lines.where(early).baskets(chosen), lines.where(within).baskets(chosen)
        pairs = zip(before, after, strict=True)
        return [Examinee(own, frozenset(bought)) for own, bought in pairs]

    def recalls(self, export: Mapping[str, Any], *, new: bool) -> Floats:
        """Return of each examinee who has a goal the share of it that an export tells in time."""
        recommend = load(export)
        goals = ((one.own, one.goal(new=new)) for one in self.examinees)
        return np.array([
            len(goal.intersection(recommend(own, AT, new))) / min(AT, len(goal))
            for own, goal in goals
            if goal
        ])  # fmt: skip


KINDS = {"new": True, "repeat": False}
"""What is recommended, and whether only what is not one's own."""
