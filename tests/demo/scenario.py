"""The day as requests: everybody's posts, with the retries and the rubbish that real days bring."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random

from tests.demo.diary import PHASES, Body, Diary, Post, Said, track
from tests.demo.habits import HABITS
from tests.demo.people import people

SERVER_BATCH = 20
QUEUE_BATCH = 4
RETRIED = 0.05
LATE_RETRIES = 12
SHARED_IDS = 5
TOO_LARGE = "x" * 40_000


def day(seed: int, count: int) -> list[list[Post]]:
    """Return the posts of each phase; equal seeds draw equal days."""
    random = Random(seed)
    posts = list(_told(random, count))
    phases = [_sent(phase, posts, random) for phase in range(len(PHASES))]
    _share_ids(phases, random)
    phases[-1] += _late_retries(phases[:-1], random)
    for post in (*_broken(random), *_bad_messages(random)):
        phases[post.phase].append(post)
    return phases


def _told(random: Random, count: int) -> Iterator[Post]:
    for person in people(random, count):
        diary = Diary(person, random)
        HABITS[person.kind](diary)
        yield from diary.posts


def _sent(phase: int, posts: Sequence[Post], random: Random) -> list[Post]:
    """Return what is sent in a phase: browsers and imports as they are, systems in batches."""
    own = [post for post in posts if post.phase == phase]
    browsers = [post for post in own if post.source == "web"]
    browsers.sort(key=lambda post: -(post.said[0].ago or 0))
    browsers += [post for post in own if post.source == "import"]
    batches = [*_gathered(own, "shop", SERVER_BATCH, random)]
    batches += _gathered(own, "till", QUEUE_BATCH, random)
    return [sent for post in (*browsers, *batches) for sent in _retried(post, random)]


def _retried(post: Post, random: Random) -> list[Post]:
    """Return the post twice where its client never saw the answer and tries again at once."""
    return [post, replace(post)] if random.random() < RETRIED else [post]


def _gathered(posts: Sequence[Post], source: str, most: int, random: Random) -> Iterator[Post]:
    """Yield the batches in which one system sends what it knows of many people."""
    waiting = [(post.phase, said) for post in posts if post.source == source for said in post.said]
    while waiting:
        size = random.randint(1, most)
        batch, waiting = waiting[:size], waiting[size:]
        number = random.randint(1, 2)
        named = "queue" if source == "till" and number == 2 else source  # old tills have no key
        yield Post(batch[0][0], named, f"{source} {number}", [said for _, said in batch])


def _share_ids(phases: Sequence[Sequence[Post]], random: Random) -> None:
    """Let some server events carry an id that a browser used: ids belong to their source."""
    posts = [post for phase in phases for post in phase]
    ids = [said.body["messageId"] for post in posts if post.source == "web" for said in post.said]
    orders = [post for post in posts if post.source == "shop"]
    for post in random.sample(orders, min(SHARED_IDS, len(orders))):
        post.said[0].body["messageId"] = random.choice(ids)


def _late_retries(phases: Sequence[Sequence[Post]], random: Random) -> Iterator[Post]:
    """Yield posts of much earlier again, as of a client that was offline before it saw the answer.

    Half of them granted a consent that was withdrawn since: coming again must not undo that.
    """
    posts = [post for phase in phases for post in phase]
    withdrawn = {post.lane for post in posts if _says(post, "Consent Withdrawn", "Unsubscribed")}
    undoing = [post for post in posts if post.lane in withdrawn and _says(post, "Consent Granted")]
    for some in (undoing, posts):
        for post in random.sample(some, min(LATE_RETRIES, len(some))):
            yield replace(post, phase=len(PHASES) - 1)


def _says(post: Post, *events: str) -> bool:
    return any(said.body.get("event") in events for said in post.said)


def _broken(random: Random) -> Iterator[Post]:
    """Yield posts with an event that nobody can count beside one that can be."""
    for number, rubbish in enumerate(RUBBISH):
        good = track({"anonymousId": f"curious-{number}"}, "Product Viewed", product_id="T-1")
        said = [
            Said({"messageId": f"good-{number}"} | good, 600),
            Said({"messageId": f"broken-{number}"} | rubbish, 600),
        ]
        yield Post(random.randrange(len(PHASES)), "web", f"curious {number}", said)


def _bad_messages(random: Random) -> Iterator[Post]:
    for raw in BAD_MESSAGES:
        yield Post(random.randrange(len(PHASES)), "queue", "till 2", raw=raw)


_SOMEBODY: Body = {"anonymousId": "somebody"}

RUBBISH: tuple[Body, ...] = (
    track({}, "Product Viewed"),
    track({"userId": "null", "anonymousId": "0000"}, "Product Viewed"),
    track(_SOMEBODY, "Product Viewed", note=TOO_LARGE),
    {"type": "track", "event": 42, **_SOMEBODY},
    {"type": "track", "event": "Product Viewed", "properties": "none", **_SOMEBODY},
    {"type": "purchase", "event": "Product Viewed", **_SOMEBODY},
    {"type": "track", **_SOMEBODY},
    track(_SOMEBODY | {"messageId": "m" * 101}, "Product Viewed"),
)
"""Nobody, only placeholders, too large, three kinds of wrong types, no name, too long an id."""

BAD_MESSAGES: tuple[str, ...] = (
    "not json at all",
    "[1, 2, 3]",
    '{"hello": "world"}',
    '{"batch": 7}',
)
"""Bodies on the queue that are no events."""
