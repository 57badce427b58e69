"""Names: an identifier that goes by somebody else's name ties nobody to them."""

import pytest

from portrait.identity import home
from tests.unit.core.worlds import SECRET, an_event, play


def told(count: int, who: dict[str, str], given: str, family: str = "Nyman"):
    return [
        an_event(
            f"{given}{n}", kind="identify", name="", who=who,
            traits={"first_name": given, "last_name": family},
        )
        for n in range(count)
    ]  # fmt: skip


ACCOUNT = {"user_id": "u1"}
MAILBOX = {"email": "nymans@mail.example"}


@pytest.mark.parametrize("batch", [1, 100])
def test_a_mailbox_that_another_of_the_family_is_called_after_stays_theirs(batch):
    events = [
        *told(5, MAILBOX, "Layla"),
        *told(1, ACCOUNT, "Katarzyna"),
        an_event("receipt", who=ACCOUNT | MAILBOX),  # was sent there
    ]

    table = play(events, batch=batch)

    assert set(table.portraits()) == {home(SECRET, *one) for one in roots(ACCOUNT, MAILBOX)}


@pytest.mark.parametrize("given", ["Kat", "katarzyna", "Katarzina"])
def test_a_short_form_or_a_mistake_in_typing_is_the_same_person(given):
    events = [
        *told(3, MAILBOX, given),
        *told(1, ACCOUNT, "Katarzyna"),
        an_event("receipt", who=ACCOUNT | MAILBOX),
    ]

    assert set(play(events).portraits()) == {home(SECRET, *one) for one in roots(ACCOUNT)}


def roots(*who: dict[str, str]) -> list[tuple[str, str]]:
    return [pair for one in who for pair in one.items()]
