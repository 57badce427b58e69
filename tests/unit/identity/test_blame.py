"""A wrong portrait is traced to the hostile part that joined it."""

from tests.identity.blame import mistakes
from tests.identity.world import Act, event_of, gathered


def test_a_mistake_names_the_namespace_and_the_part_that_bridged_the_people():
    tablet = {"anonymous_id": "kiosk-1"}
    acts = [
        Act(1, 1, {"user_id": "u-1", **tablet}, part="kiosk"),
        Act(2, 2, {"user_id": "u-2", **tablet}, part="kiosk"),
        Act(3, 2, {"user_id": "u-2"}),
        Act(4, 3, {"user_id": "u-3"}),
    ]
    scene = gathered([event_of(f"s{a.at}", a, a.at, a.ids) for a in acts], acts, 3)

    (mistake,) = mistakes({"s1": "p", "s2": "p", "s3": "p", "s4": "q"}, scene)

    assert (mistake.wrong, mistake.pairs, mistake.part) == (1, 2, "kiosk")
    assert mistake.bridges == (("anonymous_id", "kiosk", 2),)
    assert "2 wrong pairs: 2 people, 3 sightings" in str(mistake)
    assert "u-1" not in str(mistake)
