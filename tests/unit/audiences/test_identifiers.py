"""Identifiers: the platforms' own examples, and only addresses that are one customer's own."""

import pytest

from portrait.audiences.identifiers import current, digest, email, known, phone
from portrait.identity_rules import IdentityRules
from tests.unit.audiences.worlds import World

SWEDEN = IdentityRules(country="SE")


@pytest.mark.parametrize(
    ("raw", "platform", "normal"),
    [  # Sources: "Format user data" and "Send audience members" (Google), hashing (Meta)
        ("DanaM@example.com", "google", "danam@example.com"),
        (" AlexJ@cymbalgroup.com", "google", "alexj@cymbalgroup.com"),
        ("baklavainthebalkans@gmail.com  ", "google", "baklavainthebalkans@gmail.com"),
        ("cloudySanFrancisco@GMAIL.com", "google", "cloudysanfrancisco@gmail.com"),
        ("cloudy.sanfrancisco+shopping@gmail.com", "google", "cloudysanfrancisco@gmail.com"),
        ("a.b+c@googlemail.com", "google", "ab@googlemail.com"),
        ("user.name+NYC@Example.com", "google", "user.name+nyc@example.com"),
        ("John_Smith@gmail.com", "meta", "john_smith@gmail.com"),
        (" cloudy.sanfrancisco+x@Gmail.com ", "meta", "cloudy.sanfrancisco+x@gmail.com"),
    ],
)
def test_an_address_is_written_as_the_platform_says(raw, platform, normal):
    assert email(raw, platform) == normal


@pytest.mark.parametrize(
    ("number", "country", "platform", "normal"),
    [
        ("(800)555-0100", "US", "google", "+18005550100"),
        ("+18005550100", None, "google", "+18005550100"),
        ("(650)555-1212", "US", "meta", "16505551212"),
        ("+46701234567", None, "meta", "46701234567"),
        ("0701234567", "SE", "google", "+46701234567"),
        ("0701234567", None, "google", None),
        ("0701234567", None, "meta", None),
    ],
)
def test_a_number_says_its_country_or_is_not_pushed(number, country, platform, normal):
    assert phone(number, platform, country) == normal


@pytest.mark.parametrize(
    ("value", "hashed"),
    [  # the hashes that Google's quickstart and Meta's customer information parameters print
        ("dana@example.com", "07e2f1394b0ea80e2adca010ea8318df697001a005ba7452720edda4b0ce57b3"),
        ("danam@example.com", "1df6b43bc68dd38eca94e6a65b4f466ae537b796c81a526918b40ac4a7b906c7"),
        (
            "john_smith@gmail.com",
            "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f",
        ),
        ("16505551212", "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176"),
    ],
)
def test_a_hash_is_the_one_that_the_platform_prints(value, hashed):
    assert digest(value) == hashed


def the_portrait(world):
    (portrait,) = world.table.portraits().values()
    return portrait


def digests(identifiers):
    return {each.digest for each in identifiers}


def test_what_counts_is_what_was_said_last_as_it_was_typed():
    world = World()
    world.identify("u1", email="Anna+shop@Mail.example", phone="070-123 45 67")
    world.now += 1
    world.identify("u1", email="Anna.New+shop@Mail.example")

    found = current(the_portrait(world), "google", SWEDEN)

    assert digests(found) == {digest("anna.new+shop@mail.example"), digest("+46701234567")}


def test_an_address_that_several_people_share_is_nobodys():
    world = World()
    for user, name in (("u1", "Anna"), ("u2", "Bertil")):
        world.identify(user, email="info@shop.example", firstName=name, lastName=f"{name}sson")
        world.identify(user, phone=f"070000000{user[1]}1")

    for portrait in world.table.portraits().values():
        assert digest("info@shop.example") not in digests(current(portrait, "meta", SWEDEN))


def test_a_value_that_identifies_nobody_is_not_pushed():
    world = World()
    world.identify("u1", email="test@shop.example", phone="0000000")
    assert current(the_portrait(world), "google", SWEDEN) == frozenset()


def test_addresses_of_two_who_became_one_are_all_known():
    world = World()
    world.hear(who={}, name="", kind="identify", traits={"email": "old@mail.example"})
    world.now += 1
    world.identify("u1", email="new@mail.example")
    world.now += 1
    world.hear(who={"user_id": "u1", "email": "old@mail.example"})

    portrait = the_portrait(world)

    assert digests(current(portrait, "meta", SWEDEN)) == {digest("new@mail.example")}
    assert digests(known(portrait, "meta", SWEDEN)) == {
        digest("new@mail.example"),
        digest("old@mail.example"),
    }
