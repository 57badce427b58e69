"""How long text messages are: checked against the alphabets as 3GPP writes them down."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portrait.rendering.sms_length import measure, plain

# 3GPP TS 23.038, 6.2.1, in the order of its rows; ESC is left out, for no text has it.
BASIC = (
    "@Δ 0¡P¿p£_!1AQaq$Φ\"2BRbr¥Γ#3CScsèΛ¤4DTdtéΩ%5EUeuùΠ&6FVfvìΨ'7GWgwòΣ(8HXhxÇΘ)9IYiy\nΞ*:JZjz"
    "Ø+;KÄkäøÆ,<LÖlö\ræ-=MÑmñÅß.>NÜnüåÉ/?O§oà"
)
EXTENDED = "\f^{}\\[~]|€"
NATIONAL = "åäöÅÄÖøØæÆéÉüÜñÑßàèìòù"
GSM = st.text(st.sampled_from(BASIC + EXTENDED))


def test_the_alphabet_has_its_127_characters():
    assert len(set(BASIC)) == 127


@pytest.mark.parametrize("character", BASIC)
def test_each_of_them_is_one_unit(character):
    assert measure(character) == ("GSM-7", 1, 1)


@pytest.mark.parametrize("character", EXTENDED)
def test_an_extended_character_is_two_units(character):
    assert measure(character) == ("GSM-7", 2, 1)


@pytest.mark.parametrize("character", NATIONAL)
def test_the_letters_of_the_nordic_languages_cost_nothing_extra(character):
    assert measure(character * 160) == ("GSM-7", 160, 1)


ELSEWHERE = "çáíóúëïêâôõãÃčšžłğőŁ“”‘’–—…•™`´\t\u00a0\u200bЖщ你あ"  # noqa: RUF001 - meant


@pytest.mark.parametrize("character", ELSEWHERE)
def test_one_letter_from_elsewhere_makes_every_segment_short(character):
    assert measure("a" * 69 + character) == ("UCS-2", 70, 1)
    assert measure("a" * 70 + character) == ("UCS-2", 71, 2)


def test_only_the_capital_of_ç_is_in_the_alphabet():
    assert measure("Ça va").encoding == "GSM-7"
    assert measure("ça va").encoding == "UCS-2"


@pytest.mark.parametrize(
    ("text", "units", "segments"),
    [
        ("", 0, 0),
        ("a" * 160, 160, 1),
        ("a" * 161, 161, 2),
        ("a" * 306, 306, 2),
        ("a" * 307, 307, 3),
        ("€" * 80, 160, 1),
        ("€" * 81, 162, 2),
        # 152 and an escape do not fit into 153, so the escape goes to the next segment …
        ("a" * 152 + "€" + "a" * 152, 306, 3),
        # … while 151 and an escape fit.
        ("a" * 151 + "€" + "a" * 153, 306, 2),
        ("€" * 153, 306, 3),
    ],
)
def test_segments_of_gsm(text, units, segments):
    assert measure(text) == ("GSM-7", units, segments)


@pytest.mark.parametrize(
    ("text", "units", "segments"),
    [
        ("ж" * 70, 70, 1),
        ("ж" * 71, 71, 2),
        ("ж" * 134, 134, 2),
        ("ж" * 135, 135, 3),
        ("🎁", 2, 1),
        ("🎁" * 35, 70, 1),
        ("🎁" * 36, 72, 2),
        ("ж" * 66 + "🎁" + "ж" * 66, 134, 3),
        ("ж" * 65 + "🎁" + "ж" * 67, 134, 2),
        ("👩\u200d🚀", 5, 1),
    ],
)
def test_segments_of_ucs_2(text, units, segments):
    assert measure(text) == ("UCS-2", units, segments)


@given(GSM | st.text())
def test_segments_hold_the_units_and_waste_at_most_one_each(text):
    encoding, units, segments = measure(text)
    alone, joined = (160, 153) if encoding == "GSM-7" else (70, 67)

    if encoding == "UCS-2":
        assert units == len(text.encode("utf-16-be", "surrogatepass")) // 2
    if units <= alone:
        assert segments == (1 if units else 0)
    else:
        assert (segments - 1) * (joined - 1) < units <= segments * joined


@given(GSM | st.text(), st.characters())
def test_a_longer_text_never_takes_fewer_segments(text, more):
    assert measure(text + more).segments >= measure(text).segments


def test_what_only_costs_is_left_out():
    assert plain("Hej A\u030asa,\r\n1\u00a0000\u00a0kr\u0007 \n") == "Hej Åsa,\n1 000 kr"


@given(st.text())
def test_leaving_it_out_twice_changes_nothing(text):
    assert plain(plain(text)) == plain(text)
