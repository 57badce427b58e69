"""Windows: closed ones only, with a past before them, as long as the company's own rhythm."""

from hypothesis import given
from hypothesis import strategies as st

from models.windows import HISTORY, cut_offs, horizon_of

TODAY = 20_000


@given(st.integers(7, 365), st.integers(0, 1500), st.sampled_from([90, 365, 730]))
def test_every_window_has_closed_and_has_a_past_and_a_whole_lookback(horizon, known, lookback):
    cuts = cut_offs(TODAY, horizon, first=TODAY - known, lookback=lookback)

    assert list(cuts) == sorted(set(cuts))
    for cut in cuts:
        assert cut + horizon <= TODAY
        assert cut - (TODAY - known) >= HISTORY
        assert TODAY - cut <= lookback


@given(st.integers(7, 120))
def test_the_first_of_four_closes_before_the_last_begins(horizon):
    cuts = cut_offs(TODAY, horizon, first=0, lookback=730)
    assert len(cuts) == 4
    assert cuts[-1] + horizon == TODAY
    assert cuts[0] + horizon <= cuts[-1]


def test_the_horizon_covers_nine_of_ten_gaps_whoever_buys_the_most():
    slow = [[TODAY - 700, TODAY - 620]] * 8
    busy = [list(range(TODAY - 700, TODAY))]
    assert horizon_of(slow + busy, today=TODAY) == 80


def test_the_horizon_stays_within_bounds_and_what_is_known():
    daily = [list(range(TODAY - 700, TODAY))]
    rare = [[TODAY - 2000, TODAY - 1000]]
    young = [[TODAY - 200, TODAY - 20]]
    assert horizon_of(daily, today=TODAY) == 30
    assert horizon_of(rare, today=TODAY) == 365
    assert horizon_of(young, today=TODAY) == (200 - HISTORY) // 2
    assert horizon_of([], today=TODAY) == 30
    assert horizon_of([[TODAY - 500]], today=TODAY) == 90
