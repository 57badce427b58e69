"""One message through the desk: judged, claimed, sent once, and recorded everywhere alike."""

import re
from dataclasses import replace

import pytest

from portrait import changes, links, unsubscribe
from portrait.compiled import Cap, Policy, QuietHours, Template
from portrait.dispatch import Fate, send_message
from portrait.evidence import ExternalId
from portrait.faults import Conflict, Unavailable
from portrait.record import Record
from portrait.rendering import check
from portrait.strand import Consent
from portrait.tickets import MAX_ATTEMPTS
from tests.unit.dispatch import desks
from tests.unit.dispatch.desks import HOME, NOW, SECRET, World, a_contact, a_message, a_portrait

ID = "a" * 24


def test_a_message_is_sent_and_everything_that_knows_of_it_agrees():
    world = World()

    outcome = send_message(a_message(), world.desk)

    assert outcome == Fate("sent")
    assert len(world.ses.requests) == 1
    assert world.table.contacts() == {ID: "sent"}
    assert world.table.outcomes() == [(f"journey-{ID}", "0", "sent", "")]


def test_the_claim_stands_before_the_provider_is_called():
    world = World()
    seen = []
    world.ses.send_email = lambda **_: seen.append(world.table.contacts()) or {}

    send_message(a_message(), world.desk)

    assert seen == [{ID: "claimed"}]


def test_the_stream_hears_of_the_outcome_and_not_of_the_claim():
    world = World()

    send_message(a_message(), world.desk)

    (packed,) = world.table.changes
    assert [contact.state for contact in changes.decode(packed).contacts] == ["sent"]


def test_a_message_that_comes_again_is_not_sent_again_and_its_outcome_was_told_with_it():
    world = World()
    send_message(a_message(), world.desk)

    outcome = send_message(a_message(), world.desk)

    assert outcome == Fate("sent")
    assert len(world.ses.requests) == 1
    assert world.table.outcomes() == [(f"journey-{ID}", "0", "sent", "")]


@pytest.mark.parametrize(
    ("state", "outcome"),
    [("delivered", "sent"), ("complained", "sent"), ("unknown", "unknown"), ("failed", "failed")],
)
def test_what_is_known_of_an_earlier_sending_is_its_outcome(state, outcome):
    world = World(a_portrait(contacts=[a_contact(ID, state=state)]))

    assert send_message(a_message(), world.desk) == Fate(outcome)
    assert world.ses.requests == []


def test_losing_a_race_reads_and_judges_again():
    world = World()

    def withdraw():
        world.table.before_write = lambda: None
        word = Consent("withdrawn", NOW, "web", b"m")
        world.table.amend(lambda p: p.strand(HOME).set_consent("email:marketing", word))

    world.table.before_write = withdraw

    assert send_message(a_message(), world.desk) == Fate("held", "no_consent")
    assert world.ses.requests == []
    assert world.clock.pauses == [1]


def test_two_messages_racing_for_the_last_place_under_a_cap_get_one():
    world = World(policy=Policy(caps=(Cap(1, 3_600_000),)))
    other = a_message("c" * 24, campaign="other")

    def overtake():
        world.table.before_write = lambda: None
        assert send_message(other, world.desk) == Fate("sent")

    world.table.before_write = overtake

    assert send_message(a_message(), world.desk) == Fate("held", "cap")
    assert len(world.ses.requests) == 1


def test_a_portrait_that_others_keep_writing_sends_the_message_back():
    world = World()

    def interfere():
        raise Conflict

    world.table.before_write = interfere

    with pytest.raises(Unavailable):
        send_message(a_message(), world.desk)
    assert world.clock.pauses == list(range(1, MAX_ATTEMPTS + 1))
    assert world.ses.requests == []


def test_the_outcome_survives_a_race_with_another_writer():
    world = World()
    world.ses.send_email = lambda **_: world.table.amend(lambda p: p.strand("other")) or {}

    assert send_message(a_message(), world.desk) == Fate("sent")
    assert world.table.contacts() == {ID: "sent"}
    assert "other" in world.table.items[HOME].portrait.strands


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("broken", "render_error"),
        ("no_way_out", "no_unsubscribe_link"),
        ("alert", "render_error"),  # it is for webhooks
    ],
)
def test_what_cannot_be_written_costs_no_ticket(template, reason):
    world = World(policy=Policy(caps=(Cap(1, 3_600_000),)))

    assert send_message(a_message(template=template), world.desk) == Fate("failed", reason)
    assert world.table.contacts() == {ID: "failed"}
    assert world.table.outcomes() == [(f"journey-{ID}", "0", "failed", reason)]
    assert send_message(a_message(campaign="other", id="c" * 24), world.desk) == Fate("sent")


def test_a_service_message_may_go_without_a_way_out_in_its_text():
    world = World()

    assert send_message(a_message(template="no_way_out", purpose="service"), world.desk) == Fate(
        "sent"
    )


def test_a_template_that_is_not_known_yet_is_waited_for():
    world = World()

    with pytest.raises(Unavailable):
        send_message(a_message(template="new"), world.desk)
    assert world.table.contacts() == {}


def test_without_a_public_address_there_are_no_links_so_nothing_is_sent():
    world = World()
    desk = replace(world.desk, composer=replace(world.desk.composer, public_url=""))

    with pytest.raises(Unavailable):
        send_message(a_message(), desk)
    assert (world.ses.requests, world.table.changes) == ([], [])


def test_the_control_group_gets_nothing_and_is_remembered():
    world = World()
    message = a_message(arm="control", arms={"*": "control", "welcome": "treated"})

    assert send_message(message, world.desk) == Fate("held", "control_group")
    assert world.ses.requests == []
    assert world.table.contacts() == {ID: "held"}
    assert world.table.outcomes() == [(f"journey-{ID}", "0", "held", "control_group")]
    version = world.table.items[HOME].version

    send_message(message, world.desk)

    assert world.table.items[HOME].version == version  # known already: nothing to write


@pytest.mark.parametrize(
    "record",
    [
        None,
        Record(HOME, 3, b"", erased_at=NOW + 1),
        Record(HOME, 3, a_portrait().encode(), erased_at=NOW),
    ],
    ids=["never heard of", "erased", "erased and back since"],
)
def test_nothing_is_sent_about_what_was_erased(record):
    world = World()
    world.table.items = {HOME: record} if record else {}

    assert send_message(a_message(), world.desk) == Fate("held", "erased")
    assert world.ses.requests == []


def test_an_erasure_between_sending_and_recording_is_not_undone():
    world = World()
    gone = Record(HOME, 9, b"", erased_at=NOW)
    world.ses.send_email = lambda **_: world.table.items.update({HOME: gone}) or {}

    assert send_message(a_message(), world.desk) == Fate("sent")
    assert world.table.items[HOME] == gone


def test_the_claim_is_kept_in_the_strand_that_heard_the_event_wherever_that_is_now():
    world = World()
    root = a_portrait()
    root.home = "a" + HOME[1:]
    root.ids[HOME] = ExternalId("email", "anna@example.se")
    world.table.items = {
        root.home: Record(root.home, 4, root.encode()),
        HOME: Record(HOME, 2, merged_into=root.home),
    }

    send_message(a_message(), world.desk)

    strands = world.table.items[root.home].portrait.strands
    assert strands[HOME].contacts[ID].state == "sent"


def test_what_one_did_is_not_said_to_another_whose_device_it_is_now():
    world = World()
    other = a_portrait()
    other.home = "a" + HOME[1:]
    world.table.items = {
        other.home: Record(other.home, 4, other.encode()),
        HOME: Record(HOME, 2, merged_into=other.home),
    }

    outcome = send_message(a_message(), world.desk)

    assert (outcome.state, outcome.reason) == ("held", "changed_hands")
    assert world.ses.requests == []


def test_who_returned_after_an_erasure_hears_nothing_of_what_was_before():
    world = World()
    root = a_portrait()
    root.home = "a" + HOME[1:]
    root.ids[HOME] = ExternalId("email", "anna@example.se")
    message = a_message()
    world.table.items = {
        root.home: Record(root.home, 4, root.encode()),
        HOME: Record(HOME, 2, merged_into=root.home, erased_at=message.received_at),
    }

    outcome = send_message(message, world.desk)

    assert (outcome.state, outcome.reason) == ("held", "erased")


def test_who_turns_out_to_be_somebody_who_was_erased_hears_what_they_were_to_hear():
    world = World()
    root = a_portrait()
    root.home = "a" + HOME[1:]
    root.ids[HOME] = ExternalId("email", "anna@example.se")
    message = a_message()
    world.table.items = {
        root.home: Record(root.home, 4, root.encode(), erased_at=message.received_at),
        HOME: Record(HOME, 2, merged_into=root.home, updated_at=message.received_at + 1),
    }

    assert send_message(message, world.desk).state == "sent"


def test_whose_pointer_was_read_just_before_they_were_erased_hears_nothing_of_before():
    world = World()
    root = a_portrait()
    root.home = "a" + HOME[1:]
    message = a_message()
    world.table.items = {
        root.home: Record(root.home, 4, root.encode(), erased_at=message.received_at),
        HOME: Record(HOME, 1, merged_into=root.home, updated_at=message.received_at - 1),
    }

    assert send_message(message, world.desk).reason == "erased"


def test_the_mail_carries_its_way_out_and_its_way_back():
    world = World(a_portrait(traits={"first_name": "Anna"}))

    send_message(a_message(), world.desk)

    (request,) = world.ses.requests
    simple = request["Content"]["Simple"]
    headers = {header["Name"]: header["Value"] for header in simple["Headers"]}
    link = headers["List-Unsubscribe"].strip("<>")
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link in simple["Body"]["Text"]["Data"]
    assert link in simple["Body"]["Html"]["Data"]
    assert simple["Subject"]["Data"] == "Hej Anna"
    token = link.removeprefix("https://api.example.se/unsubscribe/")
    assert unsubscribe.read(SECRET, token, now=NOW) == (HOME, ID, "email", "marketing")
    assert {"Name": "portrait-message-id", "Value": ID} in request["EmailTags"]
    assert request["Destination"] == {"ToAddresses": ["anna@example.se"]}


@pytest.mark.parametrize(
    ("zone", "clock"), [("Asia/Tokyo", "21:00"), (None, "13:00"), ("Mars/Olympus", "13:00")]
)
def test_dates_are_written_by_the_clock_of_the_recipient_else_of_the_policy(zone, clock):
    quiet = QuietHours(21 * 60, 8 * 60, "Europe/Stockholm")
    world = World(a_portrait(traits={"timezone": zone}), Policy(quiet_hours=quiet))

    send_message(a_message(template="dated", purpose="service"), world.desk)

    (request,) = world.ses.requests
    assert request["Content"]["Simple"]["Subject"]["Data"] == clock


def test_a_link_that_nobody_sees_leads_to_the_trap_and_is_in_no_text(monkeypatch):
    hidden = '<a href="{{ trap_url }}" ses:no-track style="display:none"></a>'
    page = f'<p>Hi</p><a href="{{{{ unsubscribe_url }}}}">Stop</a>{hidden}'
    assert check({"channel": "email", "subject": "s", "html": page}) == []
    template = Template("trap", 1, "email", subject="s", html=page)
    monkeypatch.setitem(desks.TEMPLATES, "trap", template)
    world = World()

    assert send_message(a_message(template="trap"), world.desk).state == "sent"

    (request,) = world.ses.requests
    body = request["Content"]["Simple"]["Body"]
    token = re.search(r"/l/([\w-]+)\"", body["Html"]["Data"])
    click = links.read(SECRET, token[1], now=NOW)
    assert (click.url, click.message, click.strand) == (links.TRAP, "a" * 24, HOME)
    assert "/l/" not in body["Text"]["Data"]
