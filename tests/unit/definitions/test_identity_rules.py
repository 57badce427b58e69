"""Identity rules as a document: what is accepted, what is said of the rest, what they come to."""

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from portrait.catalogue import Catalogue
from portrait.definitions.documents import canonical, parse
from portrait.definitions.patterns import check_pattern
from portrait.definitions.problems import DefinitionError
from portrait.definitions.publishing import WriteKeys, plan
from portrait.definitions.reading import STARTERS, read_folder
from portrait.identity import home
from portrait.identity_rules import MAX_VALUE_LENGTH, IdentityRules
from tests.unit.definitions.programmes import drafts

RULES = {"kind": "identity", "key": "default"}


def namespaces(**rules):
    return {**RULES, "namespaces": {"email": rules}}


WRONG = {
    "another key": ({**RULES, "key": "mine"}, "key: expected 'default', got 'mine'"),
    "a field that is none": (
        {**RULES, "blocked_values": []},
        "unknown field 'blocked_values'; "
        "expected one of kind, key, country, plus_tags, blocked, namespaces",
    ),
    "a country in small letters": (
        {**RULES, "country": "se"},
        "country: expected two capital letters, got 'se'",
    ),
    "a country that is none": (
        {**RULES, "country": "XX"},
        "country: expected an ISO 3166 country code such as SE",
    ),
    "a word as a boolean": (
        {**RULES, "plus_tags": "yes"},
        "plus_tags: expected a valid boolean, got 'yes'",
    ),
    "no identifier allowed": (
        namespaces(limit=0),
        "namespaces.email.limit: expected at least 1, got 0",
    ),
    "too many of them": (
        namespaces(limit=101),
        "namespaces.email.limit: expected at most 100, got 101",
    ),
    "a crowd tied together": (
        namespaces(people=21),
        "namespaces.email.people: expected at most 20, got 21",
    ),
    "a negative dominance": (
        namespaces(dominance=-1),
        "namespaces.email.dominance: expected at least 0, got -1",
    ),
    "a sign-in that lasts for days": (
        namespaces(follow="25h"),
        "namespaces.email.follow: expected at most 24h: a till has many people in a day",
    ),
    "a window in weeks": (
        namespaces(window="3w"),
        "namespaces.email.window: expected a duration such as 15m, 2h or 30d, at most 3660d, "
        "got '3w'",
    ),
    "a rule that is none": (
        namespaces(power=3),
        "namespaces.email: unknown field 'power'; expected one of "
        "strength, limit, window, people, bearers, dominance, follow, blocked",
    ),
    "a pattern that is none": (
        {**RULES, "blocked": ["ok", "(oops"]},
        "blocked.1: expected a pattern: missing ), unterminated subpattern at position 0",
    ),
    "a pattern in capitals": (
        namespaces(blocked=["TEST.*"]),
        "namespaces.email.blocked.0: "
        "values are held against it in lower case: expected no capital letter",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "problem"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_with_field_and_expectation(raw, problem):
    with pytest.raises(DefinitionError) as caught:
        parse(raw, "identity.yaml")
    assert caught.value.problems == (f"identity.yaml: {problem}",)


def test_what_is_not_given_stays_as_the_product_has_it():
    given = {
        **RULES,
        "country": "SE",
        "namespaces": {"phone": {"window": "24h"}, "card": {"limit": 2}},
    }
    stored = canonical(parse(given))
    rules, usual = IdentityRules.from_document(stored), IdentityRules()

    assert stored["namespaces"] == {"phone": {"window": "1d"}, "card": {"limit": 2}}
    assert rules.country == "SE"
    assert rules.namespace("phone").window_ms == 86_400_000
    assert rules.namespace("phone").limit == usual.namespace("phone").limit
    assert rules.namespace("email") == usual.namespace("email")
    assert rules.namespace("card").limit == 2


def test_the_starter_is_what_the_product_does_without_any():
    (starter,) = (d for d in read_folder(STARTERS) if d.where.startswith("identity/"))
    rules, usual = IdentityRules.from_document(canonical(starter.definition)), IdentityRules()

    assert rules.namespaces == usual.namespaces
    assert (rules.country, rules.plus_tags) == (usual.country, usual.plus_tags)


def test_the_rules_reach_the_catalogue():
    blocked = canonical(parse({**RULES, "blocked": ["info@.*"]}))
    catalogue = Catalogue.compile([blocked])

    assert catalogue.identity.normalise("email", "Info@Shop.example") is None
    assert catalogue.identity.normalise("email", "anna@shop.example") == "anna@shop.example"


def test_they_are_published_like_any_document():
    keys = WriteKeys({}, lambda: "key")
    (change,) = plan(drafts(RULES), [], keys, part_check=lambda *_: ())
    assert (change.name, change.status) == (("identity", "default"), "created")


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+",
        "(a|a)*b",
        "(.*,){9}x",
        "((ab)?){30}",
        "a?a?a?a?a?a?a?a?a?aaaaaaaaa",
        ".*.*.*x",
        ".*[a-z]+[a-z]+@x",
        r"(a)\1",
        "(?:a)",
        "(?i)test",
        "x" * 101,
        "",
        ".*",
        "[[a]",
        "a{99999999999}",
    ],
)
def test_a_pattern_that_can_take_long_or_fits_everybody_is_refused(pattern):
    with pytest.raises(PydanticCustomError):
        check_pattern(pattern)


@pytest.mark.parametrize(
    "pattern",
    ["info@.*", r"(info|kontakt)@shop\.se", "[0-9]{1,3}", r"test[^@]*@.*", "colou?r", "[]*+?x]"],
)
def test_a_pattern_that_people_need_is_taken(pattern):
    assert check_pattern(pattern) == pattern


@given(
    pattern=st.text(st.sampled_from(r"ab.@()[]{}*+?|\1,0-^$"), min_size=1, max_size=40),
    value=st.text(st.sampled_from("ab@.0"), max_size=8),
)
@example(".*a.*a", "a")
def test_whatever_pattern_is_taken_no_value_takes_long(pattern, value):
    try:
        taken = re.compile(check_pattern(pattern))
    except PydanticCustomError:
        return
    longest = (value * MAX_VALUE_LENGTH)[: MAX_VALUE_LENGTH - 1] + "!"

    began = time.thread_time()
    taken.fullmatch(longest)

    assert time.thread_time() - began < 0.5


def test_a_company_says_how_strong_its_own_identifiers_are():
    document = canonical(parse({**RULES, "namespaces": {"member_no": {"strength": 3}}}, "rules"))

    rules = IdentityRules.from_document(document)

    names = ("user_id", "email", "member_no", "phone")
    homes = [home(b"secret", name, "1", rules.strengths) for name in names]
    assert homes == sorted(homes)
    assert home(b"secret", "ga_client_id", "1", rules.strengths)[0] == "k"


@pytest.mark.parametrize(("name", "strength"), [("email", 3), ("member_no", 2)])
def test_the_products_own_strengths_are_not_for_the_taking(name, strength):
    with pytest.raises(DefinitionError, match="product's own strengths"):
        parse({**RULES, "namespaces": {name: {"strength": strength}}}, "rules")


def test_a_strength_that_is_published_cannot_be_changed():
    (change,) = plan(
        drafts({**RULES, "namespaces": {"member_no": {"strength": 3}}}),
        [],
        WriteKeys({}, lambda: "k"),
        part_check=lambda *_: (),
    )
    before = {**change.document, "version": 1}
    after = {**RULES, "namespaces": {"member_no": {"strength": 5}}}
    keys = WriteKeys({}, lambda: "k")

    with pytest.raises(DefinitionError, match="strength: cannot be changed"):
        plan(drafts(after), [before], keys, part_check=lambda *_: ())
