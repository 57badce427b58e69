"""Unsubscribe tokens: they mean what was issued, say nothing, and cannot be made up."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portrait import identity, unsubscribe
from portrait.metrics import DAY_MS
from portrait.tokens import bytes_of
from portrait.unsubscribe import VALID_DAYS, Unsubscription
from tests.unit.dispatch.desks import HOME, NOW, SECRET

WHAT = Unsubscription(HOME, "a" * 24, "email", "marketing")
TOKEN = unsubscribe.issue(SECRET, WHAT, now=NOW)
names = st.text(string.ascii_lowercase + string.digits + "_-åß", min_size=1, max_size=32)


@given(st.sampled_from(identity.NAMESPACES), st.text(), names, names, names)
def test_a_token_means_what_was_issued(namespace, value, contact, channel, purpose):
    what = Unsubscription(identity.home(SECRET, namespace, value), contact, channel, purpose)

    token = unsubscribe.issue(SECRET, what, now=NOW)

    assert unsubscribe.read(SECRET, token, now=NOW) == what
    assert token.isascii()
    assert not set(token) & set('/?#%&+= <>"')


def test_a_token_says_nothing_about_the_address():
    for part in ("anna", "example"):
        assert part not in TOKEN
        assert part.encode() not in bytes_of(TOKEN)


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from(string.ascii_letters + string.digits + "-_"))
def test_a_token_with_any_other_character_anywhere_is_forged(position, character):
    forged = TOKEN[:position] + character + TOKEN[position + 1 :]

    known = unsubscribe.read(SECRET, forged, now=NOW)

    assert known == (WHAT if forged == TOKEN else None)


def test_a_token_has_one_spelling():
    # The last character holds bits that decoding drops.
    spellings = [TOKEN[:-1] + last for last in string.ascii_letters + string.digits + "-_"]

    known = [token for token in spellings if unsubscribe.read(SECRET, token, now=NOW)]

    assert known == [TOKEN]


@pytest.mark.parametrize(
    "token",
    [
        *(
            "",
            "x",
            "å" * 40,
            "A" * 100_000,
            TOKEN.lower(),
            TOKEN[:-1],
            TOKEN[:40] + "." + TOKEN[40:],
        ),
        *(TOKEN + "A", TOKEN + "=", TOKEN + "\n", f" {TOKEN}"),
    ],
)
def test_anything_else_is_forged(token):
    assert unsubscribe.read(SECRET, token, now=NOW) is None


@given(st.text(max_size=200))
def test_no_text_is_a_token(text):
    assert unsubscribe.read(SECRET, text, now=NOW) is None


def test_another_stack_knows_nothing_of_the_token():
    assert unsubscribe.read(b"another secret", TOKEN, now=NOW) is None


@pytest.mark.parametrize(("days", "works"), [(VALID_DAYS, True), (VALID_DAYS + 1, False)])
def test_a_token_works_for_two_years(days, works):
    what = unsubscribe.read(SECRET, TOKEN, now=NOW + days * DAY_MS)

    assert (what == WHAT) is works


@pytest.mark.parametrize("public_url", ["https://api.example.se", "https://api.example.se/"])
def test_the_link_is_the_public_address_and_the_token(public_url):
    assert unsubscribe.link(public_url, "t") == "https://api.example.se/unsubscribe/t"
