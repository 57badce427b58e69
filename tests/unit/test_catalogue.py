"""The catalogue: what functions may rely on once documents are compiled."""

import hashlib
import subprocess
import sys
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portrait.catalogue import Catalogue
from portrait.conditions import Situation, compile_condition
from portrait.event import Event
from portrait.faults import Rejected
from portrait.feedback import FOLLOWED
from portrait.metrics import DAY_MS, Metric
from portrait.portrait import Portrait

NOW = 1_780_000_000_000
HOUR_MS = 3_600_000


def source(key="web", *write_keys, **fields):
    hashes = [
        {"sha256": hashlib.sha256(one.encode()).hexdigest(), "last4": one[-4:]}
        for one in write_keys
    ]
    return {
        "kind": "source", "key": key, "name": key, "type": "browser", "enabled": True,
        "write_keys": hashes, "max_age_days": 30, "allowed_origins": [], **fields,
    }  # fmt: skip


def trait(key, operation="count", **fields):
    return {
        "kind": "trait", "key": key, "operation": operation, "event": "Order Completed",
        "window": "ever", "exact": False, **fields,
    }  # fmt: skip


def segment(key, where):
    return {"kind": "segment", "key": key, "name": key, "where": where}


def campaign(key="thanks", event="Order Completed", **fields):
    return {
        "kind": "campaign", "key": key, "name": key, "status": "active", "purpose": "marketing",
        "entry": {"event": [event], "late_at_most": "3d"}, "reentry": "once", "control": 0.1,
        "version": 4, "value": 1, "at_most": 25, "exits": [], "lasts_at_most": "91d",
        "running": "keep",
        "steps": [{"send": {"channel": "email", "template": "thanks", "valid_for": "3d"}}],
        **fields,
    }  # fmt: skip


def asking(event, within, **terms):
    return {"event": event, "within": within, "at_least": 1, **terms}


def test_a_source_is_found_by_any_of_its_keys_and_by_no_hash():
    catalogue = Catalogue.compile([source("web", "new-key", "old-key"), source("app", "app-key")])

    assert catalogue.source_by_write_key("new-key").key == "web"
    assert catalogue.source_by_write_key("old-key").key == "web"
    assert catalogue.source_by_write_key("app-key").key == "app"
    assert catalogue.source_by_write_key("") is None
    digest = hashlib.sha256(b"new-key").hexdigest()
    assert catalogue.source_by_write_key(digest) is None
    assert catalogue.source_by_write_key("\udcff") is None


def test_a_series_is_kept_for_the_widest_window_and_exact_if_anybody_needs_it():
    catalogue = Catalogue.compile(
        [
            trait("orders_ever"),
            trait("orders_30d", window="30d"),
            segment("recent", asking("Order Completed", "90m")),
            segment("spender", asking("Order Completed", "7d", sum="revenue")),
            campaign(entry={"event": ["$page"], "where": asking("$page", "36h")}),
        ]
    )

    assert catalogue.metrics == {
        "Order Completed": (
            Metric("Order Completed", "Order Completed", None, exact=True, days=30, ever=True),
            Metric("Order Completed.revenue", "Order Completed", "revenue", exact=False, days=7),
        ),
        "$page": (Metric("$page", "$page", None, exact=True, days=2),),
    }


def test_conditions_count_wherever_they_stand_in_a_tree():
    tree = {"all": [{"any": [{"not": asking("A", "1d")}]}, {"not": {"all": [asking("B", "1d")]}}]}
    catalogue = Catalogue.compile([segment("deep", tree)])

    assert set(catalogue.metrics) == {"A", "B"}


def test_a_paused_campaign_starts_nothing_but_finds_its_history_when_it_is_resumed():
    entry = {"event": ["Checkout Started"], "where": asking("Order Completed", "1d")}
    paused = campaign("basket", entry=entry, status="paused")
    catalogue = Catalogue.compile([paused, campaign()])

    assert [one.key for one in catalogue.campaigns] == ["thanks"]
    assert catalogue.interests - FOLLOWED.keys() == {"Order Completed"}
    assert catalogue.campaigns[0].version == 4
    assert "Order Completed" in catalogue.metrics


def test_a_campaign_is_compiled_with_all_it_needs_to_start():
    entry = {"event": ["A", "$identify"], "where": {"property": "revenue", "at_least": 200}}
    (compiled,) = Catalogue.compile([campaign(entry=entry, seed="autumn")]).campaigns

    assert compiled.entry.events == ("A", "$identify")
    assert (compiled.seed, compiled.control, compiled.once) == ("autumn", 0.1, True)
    assert compiled.steps[compiled.first].valid_for_ms == 3 * DAY_MS
    assert compiled.entry.where(Situation(Portrait("a").view(Catalogue(), NOW))) is False


def test_a_campaign_that_was_stored_before_there_were_dialogues_still_compiles():
    newer = ("value", "at_most", "exits", "lasts_at_most", "running")
    older = {name: value for name, value in campaign().items() if name not in newer}
    (compiled,) = Catalogue.compile([older | {"entry": {"event": ["A"]}}]).campaigns

    assert (compiled.at_most, compiled.exits, compiled.running) == (25, (), "keep")
    assert (compiled.entry.late_ms, compiled.lasts_ms) == (3 * DAY_MS, 91 * DAY_MS)


def test_a_campaign_draws_its_control_group_with_its_own_key_unless_told_otherwise():
    (compiled,) = Catalogue.compile([campaign("welcome")]).campaigns

    assert compiled.seed == "welcome"


def test_the_policy_is_read_and_nothing_is_capped_without_one():
    document = {
        "kind": "policy", "key": "default", "control": 0.05, "seed": "programme",
        "caps": [
            {"messages": 3, "window": "7d", "channel": "email", "purpose": "marketing"},
            {"messages": 10, "window": "30d"},
        ],
        "quiet_hours": {"from": "21:30", "to": "08:00", "time_zone": "Europe/Stockholm"},
        "service_purposes": ["service", "legal"],
    }  # fmt: skip
    policy = Catalogue.compile([document]).policy

    narrow, wide = policy.caps
    assert (narrow.messages, narrow.window_ms, narrow.channel) == (3, 7 * DAY_MS, "email")
    assert (wide.messages, wide.window_ms, wide.channel, wide.purpose) == (
        10,
        30 * DAY_MS,
        None,
        None,
    )
    assert (policy.quiet_hours.start, policy.quiet_hours.end) == (21 * 60 + 30, 8 * 60)
    assert policy.service_purposes == {"service", "legal"}
    assert Catalogue.compile([]).policy.caps == ()


def test_a_policy_may_name_days_channels_and_the_companys_zone():
    document = {
        "kind": "policy", "key": "default", "control": 0.05, "seed": "programme",
        "caps": [{"messages": 1, "per": "local_day", "channel": "sms"}],
        "quiet_hours": {"from": "21:00", "to": "08:00", "channels": ["sms", "push"]},
        "service_purposes": ["service"], "service_counts": True, "time_zone": "Europe/Oslo",
    }  # fmt: skip
    policy = Catalogue.compile([document]).policy

    assert policy.caps[0].window_ms is None
    assert policy.time_zone == policy.quiet_hours.time_zone == "Europe/Oslo"
    assert policy.quiet_for("sms", "marketing") is policy.quiet_hours
    assert policy.quiet_for("email", "marketing") is policy.quiet_for("sms", "service") is None
    assert policy.counts("email", "service")
    assert not policy.counts("inbox", "marketing")


def test_segments_may_build_on_each_other_in_any_order():
    catalogue = Catalogue.compile(
        [
            segment("a", {"not": {"segment": "b"}}),
            segment("b", {"segment": "c"}),
            segment("c", {"trait": "city", "equals": "Umeå"}),
        ]
    )
    situation = Situation(Portrait("a").view(catalogue, NOW), None, catalogue.segments)

    assert catalogue.segments["a"](situation) is True


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        ([segment("a", {"segment": "b"}), segment("b", {"not": {"segment": "a"}})], "a > b > a"),
        ([segment("a", {"segment": "a"})], "a > a"),
        ([segment("a", {"segment": "gone"})], "gone"),
        ([campaign(entry={"event": ["A"], "where": {"segment": "gone"}})], "gone"),
        ([{"key": "x"}], "kind"),
        ([{"kind": "campaign", "key": "x"}], "entry"),
        ([segment("a", {"traits": "x"})], "traits"),
        ([trait("t", window="a while")], "duration"),
    ],
)
def test_documents_that_do_not_hold_together_are_refused(documents, message):
    with pytest.raises(Rejected, match=message) as refusal:
        Catalogue.compile(documents)
    assert refusal.value.reason == "invalid_definition"


def test_kinds_of_a_later_version_are_left_alone():
    catalogue = Catalogue.compile([{"kind": "offer", "key": "x"}, campaign()])

    assert len(catalogue.campaigns) == 1


def portrait_of(catalogue, orders):
    """Fold orders, given as (instant, revenue), into a portrait through the real strand."""
    portrait = Portrait("a")
    for number, (at, revenue) in enumerate(orders):
        event = Event(
            id=str(number), source="shop", kind="track", name="Order Completed",
            timestamp=at, received_at=NOW, properties={"revenue": revenue, "coupon": f"c{number}"},
        )  # fmt: skip
        portrait.strand("a").fold(event, number.to_bytes(6, "big"), catalogue.metrics)
    return portrait


orders = st.lists(
    st.tuples(st.integers(NOW - 40 * DAY_MS, NOW), st.decimals(0, 900, places=2).map(float)),
    max_size=30,
)


@given(orders, st.sampled_from([45 * 60_000, 2 * HOUR_MS, 36 * HOUR_MS, 30 * DAY_MS, None]))
def test_what_a_condition_asks_for_is_kept_and_counted_exactly(orders, window):
    within = "ever" if window is None else f"{window // 60_000}m"
    inside = [revenue for at, revenue in orders if window is None or at > NOW - window]
    total = sum((Decimal(str(revenue)) for revenue in inside), Decimal(0))
    count = asking("Order Completed", within, at_most=len(inside), at_least=len(inside))
    amount = {"event": "Order Completed", "within": within, "sum": "revenue"}
    amount |= {"at_least": str(total), "at_most": str(total)}
    tree = {"all": [count, amount]}
    exact = trait("exact_orders", window="30d", exact=True)
    exact_sum = trait("spend", "sum", property="revenue", window="30d", exact=True)
    catalogue = Catalogue.compile([segment("asked", tree), exact, exact_sum])

    view = portrait_of(catalogue, orders).view(catalogue, NOW)

    assert compile_condition(tree)(Situation(view)) is True
    assert view.trait("exact_orders") == sum(at > NOW - 30 * DAY_MS for at, _ in orders)


def test_computed_traits_say_how_many_how_much_when_and_what():
    traits = [
        trait("orders"),
        trait("orders_7d", window="7d", exact=True),
        trait("spend", "sum", property="revenue"),
        trait("first_order_at", "first"),
        trait("last_order_at", "last"),
        trait("last_coupon", "last", property="coupon"),
        trait("first_coupon_30d", "first", property="coupon", window="30d"),
        trait("last_order_2h", "last", window="2h"),
    ]
    catalogue = Catalogue.compile(traits)
    orders = [(NOW - 45 * DAY_MS, 10.1), (NOW - 8 * DAY_MS, 20.2), (NOW - 3 * HOUR_MS, 0.000001)]

    customer = portrait_of(catalogue, orders).view(catalogue, NOW)

    assert {one["key"]: customer.trait(one["key"]) for one in traits} == {
        "orders": 3,
        "orders_7d": 1,
        "spend": Decimal("30.300001"),
        "first_order_at": "2026-04-13T20:26:40.000Z",
        "last_order_at": "2026-05-28T17:26:40.000Z",
        "last_coupon": "c2",
        "first_coupon_30d": "c1",
        "last_order_2h": None,
    }


def test_computed_traits_of_somebody_new_are_zero_or_nothing():
    traits = [trait("orders"), trait("spend", "sum", property="revenue"), trait("at", "last")]
    catalogue = Catalogue.compile(traits)

    nobody = Portrait("a").view(catalogue, NOW)

    assert [nobody.trait(name) for name in ("orders", "spend", "at")] == [0, 0, None]


def test_the_hot_path_imports_nothing_that_only_authors_need():
    code = (
        "import sys, portrait.catalogue, portrait.conditions, portrait.experiments\n"
        "heavy = {'pydantic', 'yaml', 'liquid', 'zoneinfo', 'botocore', 'pynamodb'}\n"
        "print(sorted(heavy & sys.modules.keys()))"
    )
    path = [entry for entry in sys.path if entry]
    run = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {path!r}\n{code}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert run.stdout.strip() == "[]"
