"""A dry run of identity rules: what it says is what folding the events would have done."""

import msgspec
from hypothesis import assume, given
from hypothesis import strategies as st

from portrait.archive import archive_row
from portrait.fold import Rules
from portrait.identity import home
from portrait.identity_dry_run import compare, divided, unseen
from portrait.identity_dry_run.archived import Evidence
from portrait.identity_dry_run.report import report
from portrait.identity_rules import IdentityRules
from portrait.profile import apply, sight
from tests.unit.core.worlds import NOON, SECRET, Table, an_event

USUAL = IdentityRules.from_document({})


def rules(**namespaces):
    return IdentityRules.from_document({"namespaces": namespaces})


def evidence_of(events):
    """Return what the archive of these events says."""
    evidence = Evidence()
    for sighting in sight(events, SECRET):
        evidence.take(msgspec.json.decode(archive_row(sighting, "r")))
    return evidence


def seen_with(*people):
    """Return one event for each (namespace to value)."""
    return [an_event(f"m{n}", who=who, at=NOON + n) for n, who in enumerate(people)]


EMAILS = seen_with(*({"user_id": "u1", "email": f"e{n}@b.se"} for n in range(3)))
TABLET = seen_with(*({"email": f"e{n}@b.se", "anonymous_id": "tablet"} for n in range(2)))


def test_a_lower_limit_splits_and_says_which_identifiers_are_one_too_many():
    found = compare(evidence_of(EMAILS).ids, USUAL, rules(email={"limit": 2}))

    ((change,),) = (found.split,)
    assert found.customers == (1, 2)
    assert found.merged == ()
    assert [len(homes) for homes in change.after] == [3, 1]
    assert found.refused == {"over_limit": (change.after[1], ())}


def test_the_other_way_round_it_merges():
    found = compare(evidence_of(EMAILS).ids, rules(email={"limit": 2}), USUAL)

    ((change,),) = (found.merged,)
    assert found.customers == (2, 1)
    assert found.split == ()
    assert [len(homes) for homes in change.before] == [3, 1]
    assert found.refused == {"over_limit": ((), change.before[1])}


def test_an_identifier_of_several_people_is_demoted():
    found = compare(
        evidence_of(TABLET).ids,
        rules(anonymous_id={"people": 2}),
        rules(anonymous_id={"people": 1}),
    )

    assert found.refused == {"shared": ((home(SECRET, "anonymous_id", "tablet"),), ())}
    assert found.customers == (1, 3)


def test_an_event_that_was_archived_twice_is_evidence_once():
    once, twice = evidence_of(EMAILS), evidence_of(EMAILS * 2)
    assert (twice.ids, twice.events) == (once.ids, once.events) == (once.ids, 3)


def test_rows_from_before_they_named_kinds_are_read_by_their_homes():
    row = msgspec.json.decode(archive_row(sight(EMAILS, SECRET)[0], "r"))
    del row["kinds"]
    evidence = Evidence()
    evidence.take(row)
    assert {one.namespace for one in evidence.ids.values()} == {"user_id", "email"}


def test_the_archive_names_kinds_and_no_values():
    row = archive_row(sight(EMAILS, SECRET)[0], "r")
    assert msgspec.json.decode(row)["kinds"] == ["user_id", "email"]
    assert b"e0@b.se" not in row


def test_what_cannot_be_seen_is_said():
    new = {
        "country": "SE",
        "blocked": ["x"],
        "namespaces": {"email": {"limit": 1, "blocked": ["x"]}, "phone": {"bearers": 7}},
    }
    assert unseen(USUAL, IdentityRules.from_document(new)) == [
        "country", "blocked", "namespaces.email.blocked", "namespaces.phone.bearers",
    ]  # fmt: skip
    assert unseen(USUAL, rules(email={"limit": 1})) == []


def test_the_report_shows_hashes_and_kinds_alone():
    evidence = evidence_of(EMAILS)
    text = "\n".join(report(evidence, compare(evidence.ids, USUAL, rules(email={"limit": 2}))))

    assert "3 events, 4 identifiers (email 3, user_id 1)" in text
    assert "would be split   1 into 2" in text
    assert "identifiers over the limit: 1 more (email 1; such as c" in text
    assert f"{home(SECRET, 'user_id', 'u1')} (email 2, user_id 1) + c" in text
    assert "@" not in text


NAMES = st.sampled_from(["user_id", "email", "phone", "anonymous_id", "card"])
PEOPLE = st.lists(
    st.dictionaries(NAMES, st.sampled_from("pqr"), min_size=1, max_size=3), min_size=1, max_size=12
)
OTHERS = st.sampled_from(
    [
        USUAL,
        rules(email={"limit": 1}),
        rules(phone={"people": 1, "dominance": 0}),
        rules(anonymous_id={"people": 1}, card={"limit": 1}),
    ]
)


@given(people=PEOPLE, other=OTHERS)
def test_customers_are_those_that_folding_the_events_together_makes(people, other):
    events, table = seen_with(*people), Table()
    found = divided(evidence_of(events).ids, other)
    assume("over_limit" not in {kind for kind, _ in found.refused.values()})  # counted afterwards

    folding = Rules({}, frozenset(), other)
    apply(sight(events, SECRET), table, rules=folding, now=NOON, pause=lambda _: None)

    customers = table.portraits().items()
    assert found.owner == {home: root for root, one in customers for home in one.ids}


@given(people=PEOPLE, other=OTHERS)
def test_every_change_accounts_for_all_its_identifiers(people, other):
    ids = evidence_of(seen_with(*people)).ids
    found = compare(ids, USUAL, other)

    for change in found.merged:
        (after,) = change.after
        assert set(after) <= {home for homes in change.before for home in homes}
        assert len(change.before) > 1
    for change in found.split:
        (before,) = change.before
        assert set(before) <= {home for homes in change.after for home in homes}
        assert len(change.after) > 1
    if found.customers[0] != found.customers[1]:
        assert found.merged or found.split
