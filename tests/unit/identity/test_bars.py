"""A figure is judged as it was measured and never looks better than it is."""

from hypothesis import given
from hypothesis import strategies as st

from tests.identity import bars


@given(st.floats(0, 1))
def test_a_rounded_share_never_passes_a_bar_that_the_share_misses(share):
    assert float(bars.PRECISION.text(share)) <= share + 1e-12
    assert bars.PRECISION.keeps(share) == (share >= 0.999)


def test_verdicts_say_what_must_be_and_what_is_aimed_at():
    assert bars.STREAM_F1.verdict(0.68) == ["0.66 met", "0.69 missed"]
    assert bars.STREAM_LARGEST.verdict(46) == ["45 MISSED", "36 missed"]
    assert bars.WRONG.verdict(0.05) == ["0.05 met", ""]
    assert bars.WRONG.text(0.0501) == "0.051"
