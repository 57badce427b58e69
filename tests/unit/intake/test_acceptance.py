"""From a call to an event: identity, contents, ids, and the four times."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portrait.compiled import Source
from portrait.event import Event
from portrait.feedback import CHANNEL
from portrait.identity import NAMESPACES, strongest_first
from portrait.identity_rules import IdentityRules, Namespace
from portrait.intake.acceptance import Arrival, accept_all

NOW = 1_767_261_600_000
AT = "2026-01-01T09:59:50.000Z"
SOURCE = Source("web", "Web", "browser", True, (), 30, ())
ARRIVAL = Arrival(SOURCE, NOW, "r1")


def accepted(call, arrival=ARRIVAL, *, kind=None):
    (event,) = accept_all([msgspec.json.encode(call)], arrival, kind=kind)
    return event


def test_all_four_times_are_kept(shop, track):
    event = track(timestamp="2026-01-01T08:00:00.000Z")
    shop.post("/v1/batch", {"batch": [event], "sentAt": "2026-01-01T08:00:10.000Z"})

    (event,) = shop.events
    assert event.received_at == NOW
    assert event.original_timestamp == NOW - 2 * 3_600_000
    assert event.sent_at == NOW - 2 * 3_600_000 + 10_000
    assert event.timestamp == NOW - 10_000


def test_the_original_timestamp_goes_before_the_timestamp(track):
    event = accepted(track(timestamp=NOW, originalTimestamp=AT))

    assert event.timestamp == event.original_timestamp == NOW - 10_000


def test_the_batch_says_when_it_was_sent_before_its_items_do(shop, track):
    item = track(timestamp="2026-01-01T08:00:00Z", sentAt="2026-01-01T08:00:01Z")
    shop.post("/v1/batch", {"batch": [item], "sentAt": "2026-01-01T08:00:05Z"})
    shop.post("/v1/batch", {"batch": [item]})

    assert [event.timestamp for event in shop.events] == [NOW - 5_000, NOW - 1_000]


def test_a_source_may_be_allowed_to_report_history(shop, track):
    for key in ("web", "import"):
        shop.batch(track(timestamp="2024-01-01T00:00:00Z"), key=key)

    recent, old = shop.events
    assert recent.timestamp == NOW - 30 * 86_400_000
    assert old.timestamp == old.original_timestamp == 1_704_067_200_000


def test_identifiers_come_strongest_first_from_wherever_a_call_says_them(track):
    event = accepted(
        track(
            anonymousId="a1",
            context={
                "traits": {"email": " Ada@Shop.Example ", "phone": "0046 70-123 45 67"},
                "externalIds": [
                    {"id": "u2", "type": "user_id", "collection": "users"},
                    {"id": "g1", "type": "user_id", "collection": "accounts"},
                    {"id": "x", "type": "ga_client_id"},
                    {"id": "ada@work.example", "type": "email"},
                    {"id": ["u3"], "type": "user_id"},
                    {"type": "phone"},
                    "u4",
                ],
            },
        )
    )

    assert event.identifiers == (
        ("user_id", "u1"),
        ("user_id", "u2"),
        ("email", "ada@shop.example"),
        ("email", "ada@work.example"),
        ("phone", "+46701234567"),
        ("ga_client_id", "x"),
        ("anonymous_id", "a1"),
    )
    assert event.traits == {}


@pytest.mark.parametrize("odd", [None, {}, "u1", [None], [[]], [{"type": {}}]])
def test_external_ids_of_another_shape_are_nobody(track, odd):
    assert accepted(track(context={"externalIds": odd})).identifiers == (("user_id", "u1"),)


def test_an_event_may_name_twenty_identifiers(shop, track):
    for count in (19, 20):
        listed = [{"id": f"u{n}", "type": "user_id"} for n in range(2, count + 2)]
        shop.batch(track(context={"externalIds": listed}))

    assert [len(event.identifiers) for event in shop.events] == [20]
    assert [record.reason for record in shop.quarantined] == ["too_many_identifiers"]


def test_an_e_mail_address_is_enough_to_be_somebody():
    event = accepted({"type": "identify", "traits": {"email": "ada@shop.example"}})

    assert event.identifiers == (("email", "ada@shop.example"),)


def test_an_alias_ties_the_visitor_to_the_user():
    event = accepted({"type": "alias", "userId": "u1", "previousId": "p1"})

    assert event.identifiers == (("user_id", "u1"), ("anonymous_id", "p1"))


def test_where_a_customer_may_have_two_user_ids_an_alias_ties_those_too():
    rules = IdentityRules(namespaces={"user_id": Namespace(limit=2)})
    call = {"type": "alias", "userId": "u1", "previousId": "p1"}
    event = accepted(call, ARRIVAL._replace(rules=rules))

    assert event.identifiers == (("user_id", "u1"), ("user_id", "p1"), ("anonymous_id", "p1"))


def test_a_full_name_and_a_phone_number_are_an_identifier_together():
    told = {"firstName": "Åsa", "lastName": "Ek-Lund", "phone": "+46 70 111 22 33"}
    event = accepted({"type": "identify", "userId": "u1", "traits": told})

    assert ("name_phone", "asa eklund|+46701112233") in event.identifiers


def test_identify_keeps_null_traits_because_they_remove():
    event = accepted({"type": "identify", "userId": "u1", "traits": {"a": None, "b": ""}})

    assert event.traits == {"a": None, "b": ""}


def test_the_traits_of_a_group_are_not_the_customers():
    traits = {"email": "office@firm.example", "employees": 3}
    event = accepted({"type": "group", "userId": "u1", "groupId": "g1", "traits": traits})

    assert event.identifiers == (("user_id", "u1"),)
    assert event.traits == {}
    assert event.properties == {"groupId": "g1", "traits": traits}


@pytest.mark.parametrize("kind", ["page", "screen"])
def test_a_page_keeps_its_name_and_category(kind):
    call = {"userId": "u1", "name": "Boots", "category": "Shoes", "properties": {"url": "/boots"}}
    event = accepted(call, kind=kind)

    assert (event.name, event.properties) == ("Boots", {"url": "/boots", "category": "Shoes"})


def test_of_the_context_only_what_is_useful_travels(track):
    context = {
        "page": {"url": "https://shop.example/?q=1", "path": "/", "title": "Shop", "keywords": []},
        "campaign": {"source": "news", "id": 5},
        "library": {"name": "analytics.js", "version": "next-1.84.3"},
        "device": {"type": "ios", "id": "idfv", "advertisingId": "idfa", "token": "push"},
        "app": {"name": "Shop", "version": "2.0", "namespace": "com.shop"},
        "locale": "sv-SE",
        "timezone": "Europe/Stockholm",
        "userAgent": "Mozilla/5.0",
        "traits": {"email": "ada@shop.example", "name": "Ada"},
        "externalIds": [{"id": "u2", "type": "user_id"}],
        "consent": {"categoryPreferences": {"marketing": True}, "other": 1},
        "ip": "198.51.100.23",
    }

    assert accepted(track(context=context)).context == {
        "page": {"url": "https://shop.example/?q=1", "path": "/", "title": "Shop"},
        "campaign": {"source": "news"},
        "library": {"name": "analytics.js", "version": "next-1.84.3"},
        "device": {"type": "ios", "token": "push"},
        "app": {"name": "Shop", "version": "2.0"},
        "locale": "sv-SE",
        "timezone": "Europe/Stockholm",
        "consent": {"categoryPreferences": {"marketing": True}},
        "ip": "198.51.100.0",
    }


def test_a_part_of_the_context_of_another_shape_is_left_out_and_the_others_are_kept(track):
    odd = {"page": {"url": "/", "title": 5}, "app": "Shop", "library": [], "timezone": 1}
    traits = {"email": "ada@shop.example", "deep": [[[[[["x"]]]]]]}

    event = accepted(track(context={**odd, "locale": "sv-SE", "traits": traits}))

    assert event.context == {"locale": "sv-SE"}
    assert ("email", "ada@shop.example") in event.identifiers


@given(
    user=st.sampled_from([None, "u1"]),
    anonymous=st.sampled_from([None, "a1"]),
    traits=st.dictionaries(st.sampled_from(["email", "phone"]), st.just("+46701234567")),
    also=st.dictionaries(st.sampled_from(["email", "phone"]), st.just("ada@shop.example")),
    external=st.lists(st.tuples(st.sampled_from(NAMESPACES), st.sampled_from(["123456", "a@b.c"]))),
)
def test_identifiers_are_always_in_order_of_strength(user, anonymous, traits, also, external):
    listed = [{"type": namespace, "id": value} for namespace, value in external]
    context = {"traits": also, "externalIds": listed}
    call = {"userId": user, "anonymousId": anonymous, "traits": traits, "context": context}

    (event,) = accept_all([msgspec.json.encode(call)], ARRIVAL, kind="identify")

    if isinstance(event, Event):
        assert event.identifiers == strongest_first(event.identifiers)
    else:
        assert event.reason == "no_identifier"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("2001:db8:1234:5678::1", "2001:db8:1234::"),
        ("2001:db8::1", "2001:db8::"),
        ("::1", "::"),
        ("ada.love.lace.x", ""),
        ("ada@shop.example", ""),
        ("", ""),
        ("::" + "1" * 60, ""),
    ],
)
def test_an_address_is_kept_as_its_network_alone(track, address, network):
    kept = accepted(track(context={"ip": address})).context

    assert kept == ({"ip": network} if network else {})


def test_the_connection_says_where_browsers_are_and_the_shop_where_its_visitors_are(shop, track):
    for key in ("web", "app", "shop"):
        shop.batch(track(context={"ip": "198.51.100.23"}), key=key)
    shop.batch(track(), key="shop")

    assert [event.context.get("ip") for event in shop.events] == [
        "203.0.113.0",
        "203.0.113.0",
        "198.51.100.0",
        None,
    ]


def test_what_a_batch_shares_lies_under_each_of_its_items(shop, track):
    shared = {"locale": "sv-SE", "library": {"name": "shop"}, "traits": {"email": "a@shop.example"}}
    items = [track(), track(context={"locale": "fi-FI", "traits": {"phone": "+46701234567"}})]

    shop.post("/v1/batch", {"batch": items, "context": shared, "integrations": {"All": False}})

    first, second = shop.events
    assert first.context == {"library": {"name": "shop"}, "locale": "sv-SE", "ip": "203.0.113.0"}
    assert second.context["locale"] == "fi-FI"
    assert ("email", "a@shop.example") in first.identifiers
    assert ("phone", "+46701234567") in second.identifiers


def test_a_message_id_of_100_characters_is_kept_as_it_is(track):
    assert accepted(track(messageId="m" * 100)).id == "m" * 100
    assert accepted(track(messageId=7)).id == "7"


names = st.text(min_size=1).filter(lambda name: name not in CHANNEL)  # which only channels say
made = st.fixed_dictionaries(
    {"event": names, "userId": st.just("u1"), "timestamp": st.just(AT)},
    optional={
        "properties": st.dictionaries(st.text(max_size=5), st.integers(-9, 9) | st.text()),
        "messageId": st.sampled_from([None, ""]),
    },
)


@given(made, made)
def test_an_id_made_from_contents_and_time_is_the_same_each_time_and_no_other(one, other):
    again = Arrival(SOURCE, NOW + 99_000, "another receipt", sent_at=None)
    reordered = dict(reversed(one.items()))

    first, repeated = accepted(one, kind="track"), accepted(reordered, again, kind="track")

    assert first.id == repeated.id
    meant = [
        {**call, "messageId": None, "properties": call.get("properties", {})}
        for call in (one, other)
    ]
    if meant[0] != meant[1]:
        assert accepted(other, kind="track").id != first.id


def test_an_id_made_for_one_moment_is_not_anothers(track):
    first, second = (accepted(track(timestamp=at)) for at in (AT, "2026-01-01T09:59:50.001Z"))

    assert first.id != second.id


def test_an_id_made_for_one_source_is_not_anothers(track):
    elsewhere = Arrival(Source("app", "App", "mobile", True, (), 30, ()), NOW, "r1")

    assert accepted(track(timestamp=AT)).id != accepted(track(timestamp=AT), elsewhere).id


def test_equal_events_without_a_time_of_their_own_are_two(track):
    call = msgspec.json.encode(track())

    ids = [event.id for event in accept_all([call, call], ARRIVAL)]
    later = [event.id for event in accept_all([call, call], ARRIVAL._replace(receipt="r2"))]
    again = [event.id for event in accept_all([call, call], ARRIVAL)]

    assert len({*ids, *later}) == 4
    assert again == ids


def test_an_unreadable_time_is_as_good_as_none(track):
    event = accepted(track(timestamp="yesterday", sentAt="later"))

    assert (event.timestamp, event.original_timestamp, event.sent_at) == (NOW, None, None)


@pytest.mark.parametrize(
    "name", ["Email Bounced", "SMS Failed", "Offer Accepted", "Email Opened by Machine"]
)
def test_a_public_key_cannot_say_what_became_of_a_message(track, name):
    call = track(event=name, traits={"email": "rival@shop.example"})
    server = ARRIVAL._replace(source=Source("esp", "ESP", "queue", True, (), 30, ()))

    assert accepted(call).reason == "not_for_public_keys"
    assert isinstance(accepted(call, server), Event)
