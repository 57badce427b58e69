"""The judges of sending are judged: what they once took for a wrong, and was none."""

from random import Random

import pytest

from portrait.effects import Say
from portrait.portrait import Portrait
from portrait.strand import Contact
from tests.faults.account import Mail, a_new_one
from tests.faults.aws import Faults
from tests.faults.sending.crowd import Crowd
from tests.faults.sending.ledger import Ledger
from tests.faults.sending.letters import Letters
from tests.faults.sending.people import Gone, People
from tests.faults.sending.talks import Talks

AT = 1_775_000_000_000
HOUR = 3_600_000
SAY = Say("m" * 24, "j", "news", 1, "by_mail", "home", "email", "mail", "marketing", 1.0, AT, AT,
          AT + 24 * HOUR)  # fmt: skip
SINCE = Contact(SAY.message, "email", "", "", AT + 3 * HOUR, "clicked")
"""What a click on the mail left in the portrait of somebody who was erased before they clicked."""
KEPT = SINCE._replace(campaign="news", purpose="marketing", at=AT + 1, state="sent")


@pytest.fixture
def ledger() -> Ledger:
    found = Ledger(a_new_one(Random(0), Faults()))
    found.says[SAY.message] = SAY
    return found


def the_people() -> People:
    crowd = Crowd(Random(1), people=1, start=AT, days=1)
    found = People(crowd, home=lambda who: "home")
    found.gone = [Gone(0, AT + HOUR, AT + HOUR, frozenset({"home"}))]
    return found


@pytest.mark.parametrize(("contact", "ticket"), [(SINCE, AT + 5), (KEPT, AT + 1), (None, AT + 5)])
def test_a_mail_from_before_an_erasure_was_sent_when_it_was_and_not_when_it_was_clicked(
    ledger: Ledger, contact: Contact | None, ticket: int
):
    people = the_people()
    letters = Letters(people.crowd, people, ledger)
    mail = Mail(AT + 5, SAY.message, "p0.0@shop.example.se", "", "home")

    list(letters.problems([mail], {SAY.message: contact} if contact else {}, {}))

    assert [one.ticket for one in letters.sent] == [ticket]


@pytest.mark.parametrize(("contact", "is_wrong"), [(SINCE, False), (KEPT, True)])
def test_a_message_came_back_after_an_erasure_if_a_dialogue_had_it_sent_and_not_by_a_click(
    ledger: Ledger, contact: Contact, is_wrong: bool
):
    portrait = Portrait("home")
    portrait.strand("home").set_contact(contact)
    talks = Talks(ledger, the_people(), {"home": (portrait, None)}, {}, {SAY.message}, set(), AT)

    found = list(talks.problems(over=False))

    assert any("came back" in one for one in found) is is_wrong
