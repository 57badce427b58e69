"""Both platforms over real TLS: what is sent is what they take, what they say is understood."""

from collections.abc import Callable

import pytest

from portrait.audiences import Destination
from portrait.audiences.identifiers import Identifier, digest
from portrait.audiences.pushing import Change, NotTaken
from portrait.channels import google_audience, meta_audience
from portrait.channels.audience_calls import Calls
from portrait.channels.google_audience import AccessToken, GoogleLists
from portrait.channels.meta_audience import MetaLists
from tests.unit.audiences.platforms import (
    ACCOUNT,
    GOOGLE_LIST,
    GOOGLE_SECRET,
    MANAGER,
    META_LIST,
    META_SECRET,
    Platform,
    Refusal,
    google_refusal,
    meta_refusal,
)

GOOGLE = Destination("google", GOOGLE_LIST, ACCOUNT)
META = Destination("meta", META_LIST)
ANNA = (
    Identifier("email", "ha", digest("anna@example.se")),
    Identifier("phone", "hp", digest("+46701234567")),
)
BO = (Identifier("email", "hb", digest("bo@example.se")),)
CARL = Identifier("phone", "hc", digest("+46709999999"))


class Clock:
    now = 1_000_000

    def __call__(self) -> int:
        return self.now


def google(address: str, clock: Callable[[], int] | None = None, **secret: str) -> GoogleLists:
    calls, url = Calls(frozenset({address})), f"https://{address}"
    token = AccessToken(lambda: {**GOOGLE_SECRET, **secret}, calls, clock or Clock(), url)
    return GoogleLists(calls, token, url)


def meta(address: str, **secret: str) -> MetaLists:
    calls = Calls(frozenset({address}))
    return MetaLists(calls, lambda: {**META_SECRET, **secret}, f"https://{address}")


EACH = pytest.mark.parametrize(
    ("lists", "destination"), [(google, GOOGLE), (meta, META)], ids=["google", "meta"]
)


def pairs(*members: tuple[Identifier, ...]) -> set[tuple[str, str]]:
    return {(each.kind, each.digest) for member in members for each in member}


def refusing(platform: Platform, refusal: Refusal) -> None:
    def trouble() -> None:
        raise refusal

    platform.trouble = trouble


@EACH
def test_members_are_put_in_and_taken_out(platform, address, lists, destination):
    kept = platform.lists[destination.list_id]
    kept.add((CARL.kind, CARL.digest))

    lists(address).change(destination, Change(frozenset({ANNA, BO}), frozenset({CARL})))
    assert kept == pairs(ANNA, BO)

    counts = lists(address).change(destination, Change(removed=frozenset(ANNA)))
    assert kept == pairs(BO)
    assert counts["removed"] == 2


@EACH
def test_who_is_taken_out_goes_first(platform, address, lists, destination):
    # Two identifiers may be one person to the platform, whom the later request would take out.
    lists(address).change(destination, Change(frozenset({ANNA}), frozenset({CARL})))

    assert [verb for _, verb, _ in platform.asked] in (["remove", "ingest"], [META_LIST] * 2)
    assert platform.asked[0][0] == ("DELETE" if destination is META else "POST")


@EACH
def test_no_request_holds_more_than_the_platform_takes(platform, address, lists, destination):
    many = frozenset((Identifier("email", "h", digest(str(n))),) for n in range(10_001))

    counts = lists(address).change(destination, Change(many))

    assert [rows for _, _, rows in platform.asked] == [10_000, 1]
    assert (counts["added"], counts["requests"]) == (10_001, 2)
    assert len(platform.lists[destination.list_id]) == 10_001


@EACH
def test_to_repeat_a_change_changes_nothing(platform, address, lists, destination):
    change = Change(frozenset({ANNA}), frozenset({CARL}))
    for _ in range(3):
        lists(address).change(destination, change)
    assert platform.lists[destination.list_id] == pairs(ANNA)


GOOGLE_FAULTS = [
    (google_refusal(429, "RESOURCE_EXHAUSTED"), "google_resource_exhausted", False),
    (google_refusal(500, "INTERNAL"), "google_internal", False),
    (google_refusal(503, "UNAVAILABLE"), "google_unavailable", False),
    (google_refusal(403, "PERMISSION_DENIED"), "google_permission_denied", True),
    (google_refusal(404, "NOT_FOUND"), "google_not_found", True),
    (google_refusal(400, "INVALID_ARGUMENT"), "google_invalid_argument", True),
    (Refusal(502, {"error": "a proxy"}), "google_502", False),
]
META_FAULTS = [
    (meta_refusal(17, error_subcode=2446079), "meta_17", False),
    (meta_refusal(613), "meta_613", False),
    (meta_refusal(80003), "meta_80003", False),
    (meta_refusal(2650), "meta_2650", False),
    (meta_refusal(1, 500), "meta_1", False),
    (meta_refusal(9999, is_transient=True), "meta_9999", False),
    (meta_refusal(190, 401), "meta_190", True),
    (meta_refusal(200, 403), "meta_200", True),
    (meta_refusal(100, error_subcode=33), "meta_100", True),
    (meta_refusal(100, error_subcode=1713230), "meta_100", True),
    (Refusal(502, {}), "meta_502", False),
]


@pytest.mark.parametrize(
    ("lists", "destination", "refusal", "reason", "lasting"),
    [(google, GOOGLE, *fault) for fault in GOOGLE_FAULTS]
    + [(meta, META, *fault) for fault in META_FAULTS],
    ids=[fault[1] for fault in (*GOOGLE_FAULTS, *META_FAULTS)],
)
def test_what_a_refusal_means(platform, address, lists, destination, refusal, reason, lasting):
    refusing(platform, refusal)

    with pytest.raises(NotTaken) as fault:
        lists(address).change(destination, Change(frozenset({ANNA})))

    assert (fault.value.reason, fault.value.lasting) == (reason, lasting)
    assert platform.lists[destination.list_id] == set()


@EACH
def test_where_nobody_answers_it_may_be_tried_again(platform, lists, destination):
    with pytest.raises(NotTaken) as fault:
        lists("127.0.0.1:1").change(destination, Change(frozenset({ANNA})))
    assert (fault.value.reason, fault.value.lasting) == ("unreachable", False)


@EACH
def test_a_list_that_is_not_there_needs_a_person(platform, address, lists, destination):
    platform.lists.clear()
    with pytest.raises(NotTaken) as fault:
        lists(address).change(destination, Change(frozenset({ANNA})))
    assert fault.value.lasting


def test_an_address_inside_is_never_called():
    calls = Calls(resolver=lambda host, port: ["169.254.169.254"])
    with pytest.raises(NotTaken) as fault:
        calls("POST", "https://graph.facebook.com/", {}, b"")
    assert (fault.value.reason, fault.value.lasting) == ("address_not_public", True)


def test_a_token_serves_until_shortly_before_it_expires(platform, address):
    clock = Clock()
    lists = google(address, clock)
    for later in (0, 3_500_000, 3_538_999):
        clock.now = 1_000_000 + later
        lists.change(GOOGLE, Change(frozenset({ANNA})))
    assert len(platform.tokens) == 1

    clock.now = 1_000_000 + 3_539_000
    lists.change(GOOGLE, Change(frozenset({ANNA})))
    assert len(platform.tokens) == 2


def test_a_token_that_is_refused_is_exchanged_for_another(platform, address):
    lists = google(address)
    lists.change(GOOGLE, Change(frozenset({ANNA})))
    platform.tokens.append("all others are revoked")

    with pytest.raises(NotTaken) as fault:
        lists.change(GOOGLE, Change(frozenset({BO})))
    assert fault.value.reason == "google_unauthenticated"

    lists.change(GOOGLE, Change(frozenset({BO})))
    assert platform.lists[GOOGLE_LIST] == pairs(ANNA, BO)


@pytest.mark.parametrize(
    ("lists", "destination", "reason"),
    [
        (lambda address: google(address, refresh_token="revoked"), GOOGLE, "google_token_400"),
        (lambda address: meta(address, access_token="revoked"), META, "meta_190"),
        (lambda address: meta(address, access_token=""), META, "meta_secret_incomplete"),
    ],
    ids=["a refresh token", "an access token", "no access token"],
)
def test_what_was_revoked_needs_a_person(platform, address, lists, destination, reason):
    with pytest.raises(NotTaken) as fault:
        lists(address).change(destination, Change(frozenset({ANNA})))
    assert (fault.value.reason, fault.value.lasting) == (reason, True)


def test_an_incomplete_secret_of_google_needs_a_person(address):
    lists = google(address)
    lists.token.secret = lambda: {"client_id": "c"}
    with pytest.raises(NotTaken, match="google_secret_incomplete") as fault:
        lists.change(GOOGLE, Change(frozenset({ANNA})))
    assert fault.value.lasting


def test_a_manager_may_sign_in_for_an_account_and_name_whose_quota_is_used(platform, address):
    managed = Destination("google", GOOGLE_LIST, ACCOUNT, MANAGER)

    google(address, quota_project="shop-1").change(managed, Change(frozenset({ANNA})))

    headers, body = platform.heard[-1]
    assert headers["x-goog-user-project"] == "shop-1"
    assert MANAGER.encode() in body
    assert platform.lists[GOOGLE_LIST] == pairs(ANNA)


def test_entries_that_meta_calls_invalid_are_counted(platform, address):
    platform.invalid = 1
    assert meta(address).change(META, Change(frozenset({ANNA, BO})))["invalid"] == 1


def test_no_secret_is_in_an_address(platform, address):
    for lists, destination in ((google, GOOGLE), (meta, META)):
        lists(address).change(destination, Change(frozenset({ANNA}), frozenset({CARL})))
    assert all("EAAB" not in path and "ya29" not in path for _, path, _ in platform.asked)


def test_the_addresses_are_those_of_the_platforms():
    assert google_audience.API == "https://datamanager.googleapis.com"
    assert google_audience.TOKENS == "https://oauth2.googleapis.com"
    assert f"{meta_audience.API}/{meta_audience.VERSION}" == "https://graph.facebook.com/v25.0"
