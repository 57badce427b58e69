"""The segments function on a local AWS: sizes from the real table, kept, and the stale woken."""

import json
from pathlib import Path

from functions.journey.handler import handler as journey
from functions.profile.handler import handler as profile
from functions.segments.handler import handler as segments
from portrait.event import encode_envelope
from portrait.store import definitions, segment_sizes
from portrait.waking import read_wake
from tests.integration.test_profile_function import a_batch
from tests.integration.test_segment_timers import LOOKING, calls, received
from tests.integration.test_trigger_function import now
from tests.local_aws import LocalAws
from tests.unit.core.worlds import an_event

NIGHTLY = json.loads((Path(__file__).parents[2] / "events/segments/nightly.json").read_text())


def view(user: int, name: str) -> str:
    at = now()
    who = {"user_id": f"u{user}", "anonymous_id": f"a{user}"}
    return encode_envelope((an_event(f"v{user}", name=name, at=at, received_at=at, who=who),))


def test_sizes_are_measured_kept_and_whoever_a_new_definition_concerns_is_woken(aws: LocalAws):
    names = ["Product Viewed"] * 7 + ["Page Viewed"] * 5
    definitions.publish({**LOOKING, "key": "other"}, now=1, expected_version=0)
    profile(a_batch(*(view(i, name) for i, name in enumerate(names)), sent_at=now()), None)
    definitions.publish(LOOKING, now=1, expected_version=0)

    answer = segments(NIGHTLY, None)

    assert answer["segments"]["looking"] == {"found": 7, "size": 7, "low": 7, "high": 7}
    kept = segment_sizes.latest()
    assert kept.people.size == 12  # and no pointer is a person
    assert kept.segments["looking"].size == 7
    bodies = received(aws)
    while more := received(aws):
        bodies += more
    assert len({read_wake(body).home for body in bodies}) == 7

    journey(calls(bodies), None)
    assert segments(NIGHTLY, None)["woken"] == 0


def test_slices_give_every_portrait_once(aws: LocalAws):
    profile(a_batch(*(view(i, "Product Viewed") for i in range(30)), sent_at=now()), None)

    found = [one.home for each in range(7) for one in segment_sizes.portraits_in(each, 7)]

    assert (len(found), len(set(found))) == (30, 30)
