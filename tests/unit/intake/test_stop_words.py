"""STOP is heard in six languages, however it is typed; ordinary answers are not taken for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portrait.intake.feedback.stop_words import STOP, STOP_ALONE, says_stop, words

STOPS = {
    "en": [
        "STOP", "stop", "Stop.", "STOP!!!", "\"STOP\"", "'stop'", "stop please", "Please stop",
        "STOPALL", "stop all", "UNSUBSCRIBE", "unsubscribe me", "END", "QUIT", "Cancel",
        "cancel.", "OPT-OUT", "opt out", "OPTOUT", "Remove", "Don't text me",
        "don\u2019t send me these", "No more", "STOP sending me this",
        "Stop by the shop tomorrow?",
        "Leave me alone", "Stop\nSent from my", "cancel please", "End all messages", "REVOKE",
    ],
    "sv": [
        "STOPP", "stopp!", "Avsluta", "AVREGISTRERA", "avanmäl", "Avanmäla mig", "sluta",
        "SLUTA!", "Sluta skicka sms", "Snälla sluta", "avbeställ", "Inga fler sms tack",
        "Ta bort mig", "Stopp tack", "Avsluta prenumeration", "vänligen avregistrera mig",
    ],
    "no": [
        "Stopp", "AVMELD", "Meld meg av", "slutt", "Avslutt", "Slutt å sende meg dette",
        "Fjern meg",
    ],
    "da": [
        "STOP", "AFMELD", "Afmeld mig", "Meld mig af", "frameld", "Ingen flere beskeder", "Slet",
    ],
    "fi": [
        "LOPETA", "lopeta!", "Seis", "Peru", "Poista", "Älä lähetä", "En halua näitä", "Ei enää",
    ],
    "nl": [
        "AFMELDEN", "Afmelden a.u.b.", "Uitschrijven", "meld me af", "Annuleren",
        "geen sms meer",
    ],
    "typed oddly": [
        "\uff33\uff34\uff2f\uff30", "🛑 STOP", "S\u0301TOP", "ST\u200bOP", "\u00a0stop",
        "-stop-", "STOP-SMS",
        "ÅVMELD", "«STOPP»", "*STOP*", "stop" + " a" * 5_000,
    ],
}  # fmt: skip
GOES_ON = [
    "", " ", "!!!", "👍", "Ja", "YES", "START", "Nej", "No", "Ei", "Nee", "Nei", "ok", "Tack!",
    "1", "Don't stop!", "Non-stop?", "When do you stop selling?", "stopwatch", "Stoppur",
    "bus stop?", "Cancel my appointment on Friday", "End of the street, second floor",
    "Quit smoking when?", "Remove the blue one from my order", "Slut på lager?",
    "Slut i butiken?", "Fjern den blå", "Perunaa", "Lopetatko?", "Är det stopp på linjen?",
    "Hej", "Tack hej", "Please", "Sista dagen?", "Avslutade ni rean?", "Afmeldingsfrist?",
    "Kan ik morgen komen?", "endnu en", "Quite nice",
]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [pytest.param(text, id=f"{of}: {text[:24]!r}") for of, all_ in STOPS.items() for text in all_],
)
def test_a_stop_is_heard(text):
    assert says_stop(text)


@pytest.mark.parametrize("text", GOES_ON)
def test_an_ordinary_answer_is_no_stop(text):
    assert not says_stop(text)


@given(st.sampled_from(sorted(STOP | STOP_ALONE)), st.data())
def test_case_punctuation_and_space_around_a_word_change_nothing(word, data):
    around = st.text(alphabet=" .,!?\"'*-_\n\t()«»…", max_size=5)
    typed = "".join(data.draw(st.sampled_from([letter, letter.upper()])) for letter in word)

    assert says_stop(data.draw(around) + typed + data.draw(around))


@given(st.text())
def test_no_answer_makes_the_reader_fail(text):
    assert says_stop(text) in (True, False)
    assert all(word for word in words(text))
