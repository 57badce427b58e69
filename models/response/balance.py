"""Balance: rows of campaigns that hold out different shares, made fit to be laid together."""

import numpy as np

from models.tables import Bools, Floats, Table


def balanced(table: Table, *, seed: int) -> Table:
    """Return the table with the same share of contacted among the rows of every kind of lot.

    Customers of a campaign with few held out would weigh more among the contacted than among those
    left alone, and what they are like would look like an effect. Of the arm that is too large, rows
    are taken out at random until every lot has the share that the middle row has. Lots of which one
    arm is all that is there tell nothing, and go.
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
    middle = float(np.quantile(shares[told], 0.5, method="lower"))
    drawn = np.random.default_rng(seed).random(len(table))
    return table.where(told & (drawn < _kept(table.contacted, shares, middle)))


def _kept(contacted: Bools, shares: Floats, middle: float) -> Floats:
    """Return the chance of each row to stay: 1 but for rows of an arm that is too large."""
    with np.errstate(divide="ignore"):
        odds = shares / (1 - shares) / (middle / (1 - middle))
        return np.minimum(1.0, np.where(contacted, 1 / odds, odds))
