"""Balance: rows of campaigns that hold out different shares, made fit to be laid together."""

import numpy as np

from models.tables import Bools, Floats, Table


def balanced(table: Table, *, seed: int) -> Table:
    """Return the table with the same share of contacted among the rows of every kind of lot.

    Customers of a campaign with few held out would weigh more among the contacted than among those
    left alone, and what they are like would look like an effect. Of the arm that is too large, rows
    are taken out at random, towards the share that leaves the most to tell a difference by. Lots of
    which one arm is all that is there tell nothing, and go.
    """
    if table.contacted is None or table.chances is None:
        return table
    lots, place = np.unique(table.chances, return_inverse=True)
    if len(lots) < 2:
        return table
    shares = (np.bincount(place, table.contacted) / np.bincount(place))[place]
    told: Bools = (shares > 0) & (shares < 1)
    if not told.any():
        return table
    table, shares = table.where(told), shares[told]
    ways = [_kept(table.arms, shares, each) for each in np.unique(shares)]
    drawn = np.random.default_rng(seed).random(len(table))
    return table.where(drawn < min(ways, key=lambda kept: _variance(table.arms, kept)))


def _kept(arms: Bools, shares: Floats, share: float) -> Floats:
    """Return the chance of each row to stay, so that every lot has the share of contacted."""
    odds = shares / (1 - shares) / (share / (1 - share))
    return np.minimum(1.0, np.where(arms, 1 / odds, odds))


def _variance(arms: Bools, kept: Floats) -> float:
    """Return the variance of a difference of means between the rows of the arms that stay."""
    return 1 / float(kept[arms].sum()) + 1 / float(kept[~arms].sum())
