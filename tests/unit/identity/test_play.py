"""A world is played through the product's own resolution, and found again where it was put."""

from tests.identity.play import play
from tests.identity.world import Act, event_of, gathered
from tests.identity.worlds import world

DAY_MS = 86_400_000
START_MS = 19_700 * DAY_MS


def scene_of(*ids):
    acts = [Act(START_MS + n * DAY_MS, 1, dict(each)) for n, each in enumerate(ids)]
    return gathered([event_of(f"s{n}", a, a.at, a.ids) for n, a in enumerate(acts)], acts, 1)


def test_what_shares_an_identifier_lies_in_one_portrait_also_when_it_comes_to_light_later():
    cookie, mail = {"anonymous_id": "c1"}, {"email": "a@b.se"}

    placed = play(scene_of(cookie, mail, {**cookie, **mail}, {"email": "c@d.se"})).assignment

    assert placed["s0"] == placed["s1"] == placed["s2"] != placed["s3"]


def test_every_sighting_is_placed_and_none_is_refused():
    scene = world(1, 300)

    played = play(scene)

    assert played.assignment.keys() == scene.truth.keys()
    assert not played.refused
    assert played.sightings == len(scene.events)


def test_what_names_nobody_is_alone():
    scene = scene_of({"email": "test@test.com"}, {"email": "none"}, {"email": "a@b.se"})

    assert len(set(play(scene).assignment.values())) == 3
