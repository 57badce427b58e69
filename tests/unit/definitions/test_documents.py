"""Documents: what is accepted, in which form it is stored, and what is said of the rest."""

import pytest

from portrait.conditions import compile_condition
from portrait.definitions.documents import KINDS, canonical, parse
from portrait.definitions.problems import DefinitionError
from tests.unit.definitions.programmes import (
    POLICY,
    a_campaign,
    a_segment,
    a_source,
    a_template,
    a_trait,
    an_audience,
)

CONDITIONS = (
    "all, any, not, trait, property, overdue, falling, first_time, event, segment, score, consent, "
    "date"
)
QUIET = {"from": "21:00", "to": "08:00", "time_zone": "Europe/Stockholm"}


def where(tree):
    return a_campaign(entry={"event": "A", "where": tree})


def send(**fields):
    return a_campaign(steps=[{"send": {"channel": "email", "template": "thanks", **fields}}])


def cap(**fields):
    return {**POLICY, "caps": [{"messages": 3, "window": "7d", **fields}]}


def without(raw, field):
    return {name: value for name, value in raw.items() if name != field}


GOOGLE = {"platform": "google", "customer_id": 1234567890, "user_list_id": "55501"}

WRONG = {
    "a platform that is none": (
        an_audience(platform="tiktok"),
        "destination: unknown platform 'tiktok'; expected one of google, meta",
    ),
    "an account with dashes": (
        an_audience(**{**GOOGLE, "customer_id": "123-456-7890"}),
        "destination.customer_id: expected the ten digits of a Google Ads account, without dashes, "
        "got '123-456-7890'",
    ),
    "a list of another platform": (
        an_audience(**{**GOOGLE, "audience_id": "1"}),
        "destination: unknown field 'audience_id'; "
        "expected one of platform, customer_id, user_list_id, login_customer_id",
    ),
    "a list that has no id": (
        an_audience(platform="meta", audience_id=True),
        "destination.audience_id: expected a valid string, got True",
    ),
    "a condition that is none": (
        where({"all": [{"trait": "x", "exists": True}, {"traits": "x"}]}),
        f"entry.where.all.1: unknown condition 'traits'; expected one of {CONDITIONS}",
    ),
    "a condition that is no mapping": (
        where({"not": "vip"}),
        f"entry.where.not: expected a condition: a mapping with one of {CONDITIONS}",
    ),
    "two conditions in one": (
        where({"trait": "x", "segment": "vip"}),
        "entry.where: expected one condition, found 'trait' and 'segment'; "
        "join them with all or any",
    ),
    "a field of a condition that is none": (
        where({"consent": {"chanel": "email", "purpose": "marketing"}}),
        "entry.where.consent: unknown field 'chanel'; expected one of channel, purpose, status",
    ),
    "a comparison without operator": (
        where({"score": "churn"}),
        "entry.where: expected one of at_least, at_most, above, below",
    ),
    "an empty list of conditions": (
        where({"any": []}),
        "entry.where.any: expected at least 1, got 0",
    ),
    "null as an operand": (
        where({"trait": "x", "equals": None}),
        "entry.where.equals: nothing equals null; ask with `exists: false`",
    ),
    "a mapping as an operand": (
        where({"trait": "x", "in": [{"a": 1}]}),
        "entry.where.in.0: expected a text, a number or a boolean",
    ),
    "a boolean as a limit": (
        where({"trait": "x", "at_least": True}),
        "entry.where.at_least: expected a number",
    ),
    "a word as a boolean": (
        where({"trait": "x", "exists": "yes"}),
        "entry.where.exists: expected a valid boolean, got 'yes'",
    ),
    "a window in weeks": (
        where({"event": "A", "within": "3w"}),
        "entry.where.within: expected a duration such as 15m, 2h or 30d, at most 3660d, got '3w'",
    ),
    "an unknown call": (
        where({"event": "$login"}),
        "entry.where.event: expected a tracked event or one of "
        "$identify, $page, $screen, $group, $alias",
    ),
    "a path with a hole": (
        where({"property": "a..b", "exists": True}),
        "entry.where.property: expected a dotted path such as address.city, got 'a..b'",
    ),
    "a share beyond 1": (a_campaign(control=10), "control: expected at most 1, got 10"),
    "a share in words": (a_campaign(control="0.1"), "control: expected a valid number, got '0.1'"),
    "a status that is none": (
        a_campaign(status="on"),
        "status: expected 'active' or 'paused', got 'on'",
    ),
    "a missing field": (without(a_campaign(), "purpose"), "purpose: is required"),
    "an event without name": (
        a_campaign(entry={"event": " "}),
        "entry.event.0: expected an event's name, 1 to 128 characters",
    ),
    "a step that is none": (
        a_campaign(steps=[{"sned": {}}]),
        "steps.0: unknown step 'sned'; expected one of "
        "send, offer, task, wait, wait_for, split, update, emit, goal, exit",
    ),
    "no steps": (a_campaign(steps=[]), "steps: expected at least 1, got 0"),
    "a channel that is none": (
        send(channel="fax"),
        "steps.0.send.channel: expected 'email', 'sms', 'push' or 'webhook', got 'fax'",
    ),
    "a key with capitals": (
        a_segment("VIP"),
        "key: expected a letter and up to 63 of lower-case letters, digits, _ -, got 'VIP'",
    ),
    "a sum of nothing": (a_trait(operation="sum"), "property: a sum needs one to add up"),
    "a count of a property": (
        a_trait(property="revenue"),
        "property: a count takes none, it counts events",
    ),
    "an average of nothing": (
        a_trait(operation="average"),
        "property: an average needs one to average",
    ),
    "a list of nothing": (
        a_trait(operation="unique_list"),
        "property: a unique_list needs one to list the values of",
    ),
    "the time since a property": (
        a_trait(operation="time_since_last", property="revenue"),
        "property: time_since_last takes none, it is about events",
    ),
    "an operation that is none": (
        a_trait(operation="median", property="revenue"),
        "operation: expected 'count', 'sum', 'average', 'min', 'max', 'first', 'last', "
        "'most_frequent', 'unique_list', 'unique_count', 'time_since_first' or "
        "'time_since_last', got 'median'",
    ),
    "a filter that is none": (
        a_trait(where={"trait": "x", "equals": 1}),
        "where: unknown filter 'trait'; expected one of all, any, not, property",
    ),
    "a filter without a comparison": (
        a_trait(where={"all": [{"property": "category"}]}),
        "where.all.0: expected one of equals, not_equals, in, contains, exists, "
        "at_least, at_most, above, below",
    ),
    "a filter of another event's condition": (
        where({"event": "A", "where": {"segment": "vip"}}),
        "entry.where.where: unknown filter 'segment'; expected one of all, any, not, property",
    ),
    "calendar days of no window": (
        a_trait(calendar="local"),
        "calendar: needs a window of whole days",
    ),
    "half a calendar day": (
        a_trait(calendar="local", window="36h"),
        "calendar: needs a window of whole days",
    ),
    "a window that rolls and does not": (
        a_trait(calendar="local", window="30d", exact=True),
        "exact: a window either rolls or counts calendar days; leave one out",
    ),
    "a zone of no calendar": (
        a_trait(window="30d", time_zone="Europe/Stockholm"),
        "time_zone: needs calendar: local beside it",
    ),
    "a calendar in a zone that is none": (
        a_trait(window="30d", calendar="local", time_zone="Mars"),
        "time_zone: expected an IANA time zone such as Europe/Stockholm",
    ),
    "a limit of no list": (a_trait(limit=5), "limit: only a unique_list takes one"),
    "a list without bound": (
        a_trait(operation="unique_list", property="sku", limit=5000),
        "limit: expected at most 4096, got 5000",
    ),
    "a template for no channel": (
        a_template(channel="fax"),
        "unknown channel 'fax'; expected one of email, sms, push, webhook, inbox",
    ),
    "a part of another channel": (
        a_template(body="{}"),
        "unknown field 'body'; expected one of kind, key, channel, subject, preview, text, html, "
        "from, reply_to",
    ),
    "an open address": (
        {
            **without(without(a_template(channel="webhook", body="1"), "subject"), "text"),
            "url": "ftp://a",
        },
        "url: expected an https:// address, got 'ftp://a'",
    ),
    "a subject of two lines": (
        a_template(subject="Hi\nBcc: all"),
        "subject: expected one line of 1 to 200 characters, got 'Hi\\nBcc: all'",
    ),
    "three keys": (
        a_source(write_keys=[{"sha256": f"{n}" * 64, "last4": "abcd"} for n in range(3)]),
        "write_keys: expected at most 2, got 3",
    ),
    "a key in the clear": (
        a_source(write_keys=["wk_0123456789abcdef"]),
        "write_keys.0: expected a mapping with sha256, last4",
    ),
    "an origin with a path": (
        a_source(allowed_origins=["https://shop.example/"]),
        "allowed_origins.0: expected an origin such as https://shop.example, "
        "got 'https://shop.example/'",
    ),
    "a zone that is none": (
        {**POLICY, "quiet_hours": {**QUIET, "time_zone": "Europe/Stokholm"}},
        "quiet_hours.time_zone: expected an IANA time zone such as Europe/Stockholm",
    ),
    "no quiet time at all": (
        {**POLICY, "quiet_hours": {**QUIET, "to": "21:00"}},
        "quiet_hours: from and to are the same time of day",
    ),
    "a clock that is none": (
        {**POLICY, "quiet_hours": {**QUIET, "from": "24:00"}},
        "quiet_hours.from: expected a time of day such as 21:30, got '24:00'",
    ),
    "a cap for longer than anybody remembers": (
        cap(window="91d"),
        "caps.0: window: contacts are remembered for 90d",
    ),
    "a cap for no time at all": (
        {**POLICY, "caps": [{"messages": 3}]},
        "caps.0: expected one of window, such as 7d, and per: local_day",
    ),
    "a cap for a window and a day": (
        cap(per="local_day"),
        "caps.0: expected one of window, such as 7d, and per: local_day",
    ),
    "a cap for each of another thing": (
        {**POLICY, "caps": [{"messages": 3, "per": "local_week"}]},
        "caps.0.per: expected 'local_day', got 'local_week'",
    ),
    "a cap on what disturbs nobody": (
        cap(channel="inbox"),
        "caps.0.channel: expected 'email', 'sms', 'push' or 'webhook', got 'inbox'",
    ),
    "quiet hours of what disturbs nobody": (
        {**POLICY, "quiet_hours": {**QUIET, "channels": ["sms", "inbox"]}},
        "quiet_hours.channels.1: expected 'email', 'sms', 'push' or 'webhook', got 'inbox'",
    ),
    "quiet hours of no channel": (
        {**POLICY, "quiet_hours": {**QUIET, "channels": []}},
        "quiet_hours.channels: expected at least 1, got 0",
    ),
    "quiet hours by nobody's clock": (
        {**POLICY, "quiet_hours": without(QUIET, "time_zone")},
        "quiet_hours.time_zone: expected an IANA time zone such as Europe/Stockholm, "
        "here or as the policy's time_zone",
    ),
    "a company in two zones": (
        {**POLICY, "time_zone": "Europe/Oslo", "quiet_hours": QUIET},
        "quiet_hours.time_zone: the policy's time_zone is Europe/Oslo",
    ),
    "a flag that is none": (
        {**POLICY, "service_counts": "no"},
        "service_counts: expected a valid boolean, got 'no'",
    ),
    "a second policy": (
        {**POLICY, "key": "other"},
        "key: expected 'default', got 'other'",
    ),
    "a kind that is none": (
        {**POLICY, "kind": "polcy"},
        "kind: unknown kind 'polcy'; expected one of "
        "source, trait, segment, template, campaign, policy, identity, audience, learning",
    ),
}


@pytest.mark.parametrize(("raw", "problem"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_said_with_field_and_expectation(raw, problem):
    with pytest.raises(DefinitionError) as refusal:
        parse(raw, "file.yaml")

    assert refusal.value.problems == (f"file.yaml: {problem}",)
    assert refusal.value.reason == "invalid_definition"


@pytest.mark.parametrize("raw", [None, [], "campaign", 7, {"kind": ["campaign"]}, {1: 2}])
def test_what_is_no_document_is_refused_as_such(raw):
    with pytest.raises(DefinitionError, match=r"kind: .*expected one of source"):
        parse(raw, "file.yaml")


def test_everything_that_is_wrong_is_said_at_once():
    raw = a_campaign(status="on", control=2, entry={"event": "A", "where": {"x": 1}})
    with pytest.raises(DefinitionError) as refusal:
        parse(raw)

    assert [problem.split(": ")[1] for problem in refusal.value.problems] == [
        "status", "entry.where", "control",
    ]  # fmt: skip


def test_a_document_that_no_item_could_hold_is_refused():
    with pytest.raises(DefinitionError, match="expected at most 300000 bytes"):
        parse(a_template(html="å" * 150_000))


def test_a_campaign_is_stored_with_its_defaults_and_one_way_of_writing():
    tree = {
        "all": [
            {"event": "Order Completed", "within": "48h"},
            {"event": "Order Completed", "sum": "revenue", "above": 1.5},
            {"not": {"consent": {"channel": "email", "purpose": "marketing"}}},
            {"trait": "city", "in": ["Umeå", "Luleå"]},
        ]
    }

    assert canonical(parse(where(tree))) == {
        "kind": "campaign",
        "key": "thanks",
        "name": "Thanks",
        "status": "active",
        "purpose": "marketing",
        "entry": {
            "event": ["A"],
            "where": {
                "all": [
                    {"event": "Order Completed", "within": "2d", "at_least": 1},
                    {"event": "Order Completed", "within": "ever", "sum": "revenue", "above": 1.5},
                    {
                        "not": {
                            "consent": {
                                "channel": "email",
                                "purpose": "marketing",
                                "status": "granted",
                            }
                        }
                    },
                    {"trait": "city", "in": ["Umeå", "Luleå"]},
                ]
            },
            "late_at_most": "3d",
        },
        "reentry": "every_occurrence",
        "value": 1,
        "at_most": 25,
        "control": 0.1,
        "exits": [],
        "lasts_at_most": "91d",
        "running": "keep",
        "steps": [{"send": {"channel": "email", "template": "thanks", "valid_for": "3d"}}],
    }


EVERY_CONDITION = [
    {"all": [{"segment": "a"}]},
    {"any": [{"segment": "a"}]},
    {"not": {"segment": "a"}},
    {"trait": "x", "equals": 1},
    {"trait": "x", "not_equals": "a", "contains": "b", "exists": True},
    {"property": "a.b", "at_least": 1, "at_most": 2, "above": 0.5, "below": 3},
    {"event": "$page", "within": "2h"},
    {"event": "A", "within": "2h", "where": {"not": {"property": "products.sku", "in": ["a"]}}},
    {"score": "churn", "above": 0.5},
    {"consent": {"channel": "sms", "purpose": "service", "status": "withdrawn"}},
    {"date": "renewal", "in_next": "30d", "in_last": "1d"},
]


@pytest.mark.parametrize("tree", EVERY_CONDITION, ids=lambda tree: next(iter(tree)))
def test_every_condition_an_author_may_write_compiles_as_it_is_stored(tree):
    stored = canonical(parse(a_segment(where=tree)))

    assert callable(compile_condition(stored["where"]))


@pytest.mark.parametrize(
    "raw",
    [
        a_campaign(),
        a_template(),
        a_segment(),
        an_audience(),
        a_trait(),
        a_source(),
        {
            **POLICY,
            "time_zone": "Europe/Oslo",
            "quiet_hours": {**without(QUIET, "time_zone"), "channels": ["sms"]},
            "caps": [{"messages": 1, "per": "local_day"}, {"messages": 3, "window": "168h"}],
        },
    ],
    ids=lambda raw: raw["kind"],
)
def test_the_canonical_form_is_its_own_canonical_form(raw):
    stored = canonical(parse(raw))

    assert canonical(parse(stored)) == stored


def test_an_audience_asks_for_consent_and_takes_ids_as_they_are_written():
    stored = canonical(parse(an_audience(**GOOGLE)))

    assert stored["consent"] == {"channel": "ads", "purpose": "advertising"}
    assert stored["status"] == "active"
    assert stored["destination"] == {**GOOGLE, "customer_id": "1234567890"}


def test_every_kind_has_a_model():
    assert list(KINDS) == [
        "source", "trait", "segment", "template", "campaign", "policy", "identity", "audience",
        "learning",
    ]  # fmt: skip
