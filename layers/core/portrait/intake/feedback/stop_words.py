"""Whether an answer to an SMS says that no more are wanted, in the languages we speak.

Doubt is read against sending: who begins with STOP means it, whatever follows. Words that begin
ordinary sentences as well ("Cancel my booking", "Slut på lager?") count only when nothing but
courtesy stands around them.
"""

import re
import unicodedata

STOP = frozenset(
    """
    stop stopp stopall stopsms stopit stoppa stoppe stans stanna
    unsubscribe unsub unsuscribe optout
    avregistrera avregistrer avregistrering avanmal avanmala avprenumerera
    avmeld avmelde avslutt avsluta avslut
    afmeld afmelde afmelding frameld
    lopeta seis eroa
    afmelden uitschrijven afmelding
    """.split()  # noqa: SIM905 - words read better than a list of them
)
"""As the first word. Accents and case are gone by then: LOPETA, avanmäl and ÅVSLUTT are one way of
writing. Sources: AWS, required opt-out keywords, and what operators and senders in Sweden, Norway,
Denmark, Finland and the Netherlands print below their messages."""

STOP_ALONE = frozenset(
    """
    end quit cancel remove arret td revoke
    sluta slut avbryt avbestall slutt avbryd slet slett fjern
    peru peruuta loppu poista pois annuleer annuleren opzeggen verwijder
    """.split()  # noqa: SIM905 - words read better than a list of them
)
"""When it is all that is said."""

PHRASES = tuple(
    tuple(phrase.split())
    for phrase in """
    opt out
    no more
    do not text
    dont text
    do not send
    dont send
    leave me alone
    remove me
    sluta skicka
    skicka inte
    inga fler
    inga mer
    ta bort mig
    avsluta prenumeration
    meld meg av
    meld mig af
    slutt a sende
    ikke send
    ingen flere
    fjern meg
    fjern mig
    framelding
    hold op
    ala laheta
    alkaa lahettako
    ei enaa
    en halua
    meld me af
    schrijf me uit
    niet meer
    geen sms
    """.strip().splitlines()
)
"""As the first words."""

_COURTESY = frozenset(
    """
    please pls plz thanks thank you now all sms texts messages me this it
    snalla vanligen tack nu alla allt
    vennligst takk na alle
    venligst tak
    kiitos ole hyva heti kaikki
    graag aub alstublieft alsjeblieft bedankt nu alles
    hej hei hi hello moi hoi
    """.split()  # noqa: SIM905 - words read better than a list of them
)
_LETTERS = str.maketrans({"ø": "o", "æ": "a", "ł": "l", "đ": "d"})
"""What Unicode does not take for a letter with an accent, and people type without one."""

_WORDS = re.compile(r"[^\W_]+")
MAX_READ = 300
"""An answer is a few words; what follows cannot turn it round."""


def words(text: str) -> list[str]:
    """Return the words of an answer without case, accents, punctuation and invisible characters."""
    told = unicodedata.normalize("NFKD", text[:MAX_READ]).casefold().translate(_LETTERS)
    kept = (c for c in told if unicodedata.category(c) not in ("Mn", "Cf"))
    return _WORDS.findall("".join(kept).replace("'", "").replace("\u2019", ""))


def says_stop(text: str) -> bool:
    """Tell whether the answer ends what we may send."""
    said = words(text)
    while len(said) > 1 and said[0] in _COURTESY and said[0] not in STOP:
        said = said[1:]
    if not said:
        return False
    if said[0] in STOP or any(tuple(said[: len(phrase)]) == phrase for phrase in PHRASES):
        return True
    return said[0] in STOP_ALONE and all(word in _COURTESY for word in said[1:])
