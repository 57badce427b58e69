"""The peers resolve as they say."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from tests.identity.peers import naive, oracle, segment
from tests.identity.quality import quality, tellable
from tests.identity.world import Act, event_of, gathered
from tests.identity.worlds import world

NAMESPACES = ("user_id", "email", "anonymous_id")
SAID = st.dictionaries(st.sampled_from(NAMESPACES), st.integers(1, 8), min_size=1)


def scene_of(*said):
    acts = [
        Act(at, at, {n: f"{n}{v}" + "@b.se" * (n == "email") for n, v in ids.items()})
        for at, ids in enumerate(said, 1)
    ]
    return gathered([event_of(f"s{a.at}", a, a.at, a.ids) for a in acts], acts, len(acts))


def test_naive_joins_whatever_meets_on_an_event():
    placed = naive(scene_of({"user_id": 1, "email": 1}, {"user_id": 2, "email": 1}, {"user_id": 3}))

    assert placed["s1"] == placed["s2"] != placed["s3"]


def test_segment_drops_the_weakest_rather_than_give_a_profile_two_users():
    first = {"user_id": 1, "email": 1, "anonymous_id": 1}
    second = {"user_id": 2, "email": 2, "anonymous_id": 1}

    placed = segment(scene_of(first, second, {"email": 2}))

    assert placed["s1"] != placed["s2"] == placed["s3"]


@given(st.lists(SAID, min_size=2, max_size=40))
def test_segment_never_keeps_two_users_or_six_mailboxes_in_a_profile(said):
    scene = scene_of(*said)
    placed = segment(scene)
    held = defaultdict(lambda: defaultdict(set))
    for event in scene.events:
        namespace, value = event.identifiers[0]
        held[placed[event.id]][namespace].add(value)

    for names in held.values():
        assert len(names["user_id"]) <= 1
        assert len(names["email"]) <= 5


def test_the_oracle_is_never_wrong_about_a_sighting_that_can_be_told():
    scene = world(1, 1_000)
    known = tellable(scene.truth, scene.tokens)

    told = {event: place for event, place in oracle(scene).items() if event in known}

    assert quality(told, scene.truth).precision == 1
    assert set(scene.truth) - known
