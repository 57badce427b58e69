"""The account that the handlers of this process reach: one after the other, each a new one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from random import Random
from random import seed as seed_jitter
from typing import Any, NamedTuple

from tests.faults import deployment
from tests.faults.aws import Clock, Cloud, Faults, installed
from tests.faults.stage import Stage

_SENDING = frozenset({"SendEmail", "SendTextMessage"})
FUNCTIONS = ("ingest", "profile", "trigger", "journey", "dispatch", "privacy")


class Mail(NamedTuple):
    """A message that left: when (UTC ms), which one, to whom, and where its link leads.

    `strand` is the home that it says feedback is to be filed under.
    """

    at: int
    message: str
    to: str
    link: str
    strand: str = ""
    channel: str = "email"


class Account(Cloud):
    """The cloud, with whoever calls it taking turns, and a note of every message that left."""

    def __init__(self, clock: Clock, faults: Faults, stage: Stage) -> None:
        super().__init__(clock=clock, faults=faults, region=deployment.ALWAYS["AWS_REGION"])
        self.stage = stage
        self.mails: list[Mail] = []
        self._held: dict[str, Any] = {}

    def call(
        self, service: str, operation: str, params: Mapping[str, Any], *, attempts: int = 1
    ) -> dict[str, Any]:
        """Wait for a turn, then do what is asked; a message starts to leave before that."""
        started_at = self.clock.now_ms
        self.stage.pause()
        self.take_over(self.stage.who())
        if operation not in _SENDING:
            return super().call(service, operation, params, attempts=attempts)
        taken, read = self._left(operation)
        before = len(taken)
        try:
            return super().call(service, operation, params, attempts=attempts)
        finally:
            if len(taken) > before:
                self.mails.append(read(params, started_at))

    def _left(self, operation: str) -> tuple[Sequence[Any], Callable[..., Mail]]:
        if operation == "SendEmail":
            return self.sent_emails, _mail
        return self.sent_texts, _text

    def take_over(self, principal: str, *, cold: bool = False) -> None:
        """Go on in somebody's name, with the definitions that their sandbox remembers."""
        from portrait.store import definitions

        self.principal = principal
        if cold or principal not in self._held:
            self._held[principal] = definitions._Held()
        definitions._held = self._held[principal]

    def put(self, url: str, body: str) -> None:
        """Put a body on a queue, in the name of somebody for whom nothing goes wrong."""
        self.queues[url.rpartition("/")[2]].send(body)


def _mail(params: Mapping[str, Any], now: int) -> Mail:
    text = params["Content"]["Simple"]["Body"]["Text"]["Data"]
    tags = {tag["Name"]: tag["Value"] for tag in params["EmailTags"]}
    link = text.rpartition(" ")[2].strip()
    to = params["Destination"]["ToAddresses"][0]
    return Mail(now, tags["portrait-message-id"], to, link, tags["portrait-strand"])


def _text(params: Mapping[str, Any], now: int) -> Mail:
    link, context = params["MessageBody"].rpartition(" ")[2].strip(), params["Context"]
    return Mail(
        now, context["portrait-message-id"], params["DestinationPhoneNumber"], link,
        context["portrait-strand"], "sms",
    )  # fmt: skip


class Reach:
    """Stands for the account of the moment, so that clients are made once for many accounts."""

    def __init__(self, keys: Mapping[str, str] = deployment.WRITE_KEYS) -> None:
        self.keys = keys
        self.current: Account = a_new_one(Random(0), Faults())
        self.programmes: dict[str, dict[Any, Any]] = {}

    def open(self, random: Random, faults: Faults, programme: str = "") -> Account:
        """Make a new account the one that is reached, with the definitions in it.

        Args:
            programme: which of those that were published; empty is the first.
        """
        from portrait.store.secrets import secret

        secret.cache_clear()  # each world begins alike, whatever was played before it
        seed_jitter(random.random())
        self.current = a_new_one(random, faults)
        definitions = self.current.tables["definitions"]
        documents = self.programmes[programme or next(iter(self.programmes))]
        for key, (item, size) in documents.items():
            definitions.replace(key, item, size)
        definitions.before.clear()  # they were published long ago: no stale read misses them
        self.current.take_over("the test")
        return self.current

    def __getattr__(self, name: str) -> Any:
        return getattr(self.current, name)


def a_new_one(random: Random, faults: Faults) -> Account:
    """Return an account with everything deployed and nothing in it."""
    account = Account(Clock(), faults, Stage(random))
    deployment.create(account)
    return account


@contextmanager
def reach(
    documents: Path | Sequence[Path] = deployment.EVERY,
    keys: Mapping[str, str] = deployment.WRITE_KEYS,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Reach]:
    """Let the handlers of this process reach an account, in which the definitions are published.

    Args:
        documents: one folder or file, or several programmes, each named as its file is.
    """
    with deployment.settled():
        handlers()  # imports must see the settings, and must not be interleaved
        reached = Reach(keys)
        with installed(reached, environment=deployment.variables()):
            for path in [documents] if isinstance(documents, Path) else documents:
                reached.current = a_new_one(Random(0), Faults())
                reached.current.take_over("the test")
                deployment.publish(path, keys, settings or {})
                table = reached.tables["definitions"]
                reached.programmes[path.stem] = {
                    key: (item, table.sizes[key]) for key, item in table.items.items()
                }
            yield reached


@cache
def handlers() -> dict[str, Any]:
    """Import and return the real handlers, by the name of their folder."""
    return {name: import_module(f"functions.{name}.handler").handler for name in FUNCTIONS}
