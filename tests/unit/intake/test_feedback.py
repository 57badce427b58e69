"""What becomes of an e-mail comes back as events about its recipients."""

import msgspec
import pytest

from portrait.catalogue import Catalogue
from portrait.intake import queue_message
from portrait.suppression import mark

NOW = 1_767_261_600_000
MESSAGE = "5f2b8c0e9a7d4136b1c2d3e4"


def read(message):
    body = message if isinstance(message, str) else msgspec.json.encode(message).decode()
    return queue_message(body, catalogue=Catalogue(), received_at=NOW, message_id="sqs-1")


def notification(kind, part, *, to=("ada@shop.example",), **occurrence):
    return {
        "eventType": kind,
        "mail": {
            "messageId": "ses-1",
            "timestamp": "2026-01-01T09:00:00Z",
            "destination": list(to),
            "tags": {"portrait-message-id": [MESSAGE], "ses:source-ip": ["203.0.113.1"]},
        },
        part: {"timestamp": "2026-01-01T09:30:00.000Z", **occurrence},
    }


PROPERTIES = {
    "ses_delivery": {},
    "ses_open": {},
    "ses_click": {"link": "https://shop.example/boots"},
    "ses_bounce": {
        "permanent": True,
        "reason": "General",
        "address_mark": mark("email", "Ada@customer.example"),
    },
    "ses_complaint": {"reason": "abuse"},
}


@pytest.mark.parametrize(("name", "properties"), PROPERTIES.items())
def test_feedback_is_about_the_recipient_and_names_our_message(sample, name, properties):
    (event,) = read(sample(f"profile/{name}")["Records"][0]["body"])

    assert (event.source, event.kind) == ("ses", "track")
    assert event.identifiers == (("email", "ada@customer.example"),)
    assert event.properties == {"channel": "email", "message_id": MESSAGE, **properties}
    assert NOW - 600_000 < event.timestamp < NOW


@pytest.mark.parametrize(
    ("bounce_type", "permanent"),
    [("Permanent", True), ("Transient", False), ("Undetermined", False)],
)
def test_only_a_permanent_bounce_is_permanent(bounce_type, permanent):
    bounced = [{"emailAddress": "ada@shop.example"}]
    message = notification("Bounce", "bounce", bounceType=bounce_type, bouncedRecipients=bounced)

    assert read(message)[0].properties["permanent"] is permanent


def test_every_recipient_hears_their_own():
    to = ["ada@shop.example", "Bo <Bo@Shop.example>", "not an address", "ada@shop.example"]

    items = read(notification("Open", "open", to=to))

    assert [getattr(item, "identifiers", None) for item in items] == [
        (("email", "ada@shop.example"),),
        (("email", "bo@shop.example"),),
        None,
        (("email", "ada@shop.example"),),
    ]
    assert items[2].reason == "no_identifier"
    assert items[0].id == items[3].id != items[1].id


def test_only_who_bounced_bounced():
    message = notification(
        "Bounce",
        "bounce",
        to=["ada@shop.example", "bo@shop.example"],
        bounceType="Permanent",
        bouncedRecipients=[{"emailAddress": "bo@shop.example"}],
    )

    assert [event.identifiers for event in read(message)] == [(("email", "bo@shop.example"),)]


def test_a_repeated_notification_has_the_id_it_had_and_a_second_open_has_not():
    later = {"timestamp": "2026-01-01T09:31:00.000Z"}
    for kind, part, same in [("Delivery", "delivery", True), ("Open", "open", False)]:
        first, again, second = (
            read(notification(kind, part, **changes))[0].id for changes in ({}, {}, later)
        )
        assert first == again
        assert (first == second) is same


@pytest.mark.parametrize(
    "kind", ["Send", "DeliveryDelay", "Reject", "Rendering Failure", "Subscription"]
)
def test_what_tells_nothing_of_the_customer_is_no_event(kind):
    assert read(notification(kind, "other")) == []


def test_the_older_notifications_of_ses_are_read_too():
    message = notification("", "complaint", complainedRecipients=[{"emailAddress": "a@b.example"}])
    del message["eventType"], message["mail"]["tags"]

    (event,) = read({**message, "notificationType": "Complaint"})

    assert event.name == "Email Marked as Spam"
    assert event.properties == {"channel": "email"}


BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"


def test_an_open_by_apples_privacy_protection_is_no_open(sample):
    (event,) = read(sample("profile/ses_open_by_apple")["Records"][0]["body"])

    assert event.name == "Email Opened by Machine"
    assert event.properties == {
        "channel": "email",
        "message_id": MESSAGE,
        "machine": "apple_privacy",
    }


@pytest.mark.parametrize(
    ("occurrence", "name"),
    [
        ({"userAgent": BROWSER}, "Email Link Followed"),
        ({"userAgent": None}, "Email Link Followed"),
        ({"userAgent": BROWSER, "timestamp": "2026-01-01T09:00:02.999Z"}, "by Machine"),
        ({"userAgent": BROWSER, "timestamp": "2026-01-01T09:00:03.000Z"}, "Email Link Followed"),
        ({"userAgent": "Barracuda Sentinel"}, "by Machine"),
        ({"userAgent": ""}, "by Machine"),
    ],
)
def test_a_click_by_a_machine_has_another_name(occurrence, name):
    (event,) = read(notification("Click", "click", link="https://a.example/", **occurrence))

    assert event.name.endswith(name)
    assert ("machine" in event.properties) is (name == "by Machine")


def test_a_click_that_says_nothing_of_its_message_is_taken_as_it_is():
    (event,) = read(notification("Click", "click", userAgent=BROWSER))

    assert event.name == "Email Link Clicked"


def test_how_it_is_read_does_not_change_which_event_it_is():
    ids = {
        read(notification("Open", "open", userAgent=agent))[0].id
        for agent in (BROWSER, "Mozilla/5.0")
    }

    assert len(ids) == 1


def test_only_opens_and_clicks_are_done_by_machines():
    message = notification("Complaint", "complaint", userAgent="AnyCompany Feedback Bot/1.0")

    assert read(message)[0].name == "Email Marked as Spam"


def test_who_takes_a_message_out_of_the_spam_folder_does_not_complain():
    for kind, told in [("not-spam", []), ("abuse", ["Email Marked as Spam"])]:
        message = notification("Complaint", "complaint", complaintFeedbackType=kind)
        assert [event.name for event in read(message)] == told


STRAND = "gaaaaaaaaaaaaaaaaaaaaaaaaaa"


@pytest.mark.parametrize(
    ("strand", "to", "about"),
    [
        (STRAND, ["ada@shop.example"], [("$home", STRAND)]),
        ("x", ["ada@shop.example"], [("email", "ada@shop.example")]),
        (
            STRAND,
            ["ada@shop.example", "bo@shop.example"],
            [("email", "ada@shop.example"), ("email", "bo@shop.example")],
        ),
    ],
    ids=["ours", "no strand", "two people"],
)
def test_feedback_on_a_message_of_ours_is_about_whom_it_was_for(strand, to, about):
    message = notification("Delivery", "delivery", to=to)
    message["mail"]["tags"]["portrait-strand"] = [strand]

    assert [event.identifiers for event in read(message)] == [(who,) for who in about]
