"""Look at models, use one, and go back to the one before: `python -m portrait.learning --help`.

Of which stack: DATA_BUCKET and SECRET_ARN, for `recommend` PORTRAITS_TABLE and DEFINITIONS_TABLE
too, all outputs of the deployment, and AWS_DEFAULT_REGION, AWS_PROFILE and AWS_ENDPOINT_URL as
usual.
"""

import argparse
import sys
import time
from collections.abc import Sequence

from portrait.commands import carried_out, parser, tell
from portrait.faults import Rejected
from portrait.identity_rules import IdentityRules
from portrait.learning import registry
from portrait.learning.objection import objects
from portrait.learning.recommending import AT, owned, recommended
from portrait.learning.taste import load
from portrait.lookup.subjects import home_of
from portrait.portrait import Portrait


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; problems go to standard error."""
    options = _parser().parse_args(arguments)
    return carried_out(
        lambda: _COMMANDS[options.command](options),
        advice="nothing was changed, run the same command again",
    )


def _parser() -> argparse.ArgumentParser:
    known = parser("portrait.learning", __doc__)
    commands = known.add_subparsers(dest="command", required=True)
    for name, what in (
        ("show", "say which version is in force, and what its card says"),
        ("rollback", "put the version before this one in force, within a minute"),
    ):
        command = commands.add_parser(name, help=what)
        command.add_argument("model", metavar="MODEL", help="such as churn")
    command = commands.add_parser("recommend", help="say what to offer one customer next")
    command.add_argument(
        "customer", metavar="NAMESPACE:VALUE", help="any identifier, such as email:anna@example.se"
    )
    command.add_argument("--number", type=int, default=AT, metavar="N", help="of items, at most")
    return known


def _recommend(options: argparse.Namespace) -> int:
    from portrait.store import definitions, models

    now = time.time_ns() // 1_000_000
    catalogue, name = definitions.catalogue(now), options.customer
    if catalogue.learning is None:
        raise Rejected("nothing_learned", "there is no learning document")
    portrait = _portrait(name, catalogue.identity)
    if objects(portrait):
        print(f"{name}: objects to profiling, and is recommended nothing")
        return 0
    champion = models.Champion("taste", lambda model: load(model.export))
    recommend = champion.at(now)
    if recommend is None:
        raise Rejected("no_model", champion.refused or "no version of taste was ever in force")
    if champion.refused:
        tell(f"{champion.refused}; the one before it is used")
    found = recommended(portrait, catalogue.learning, recommend, now, at=options.number)
    owns = len(owned(portrait, catalogue.learning, now))
    print(f"{name}: items bought {owns}; taste {champion.version}")
    print(f"new to them   {', '.join(found.new) or 'nothing'}")
    print(f"or again      {', '.join(found.repeat) or 'nothing'}")
    return 0


def _portrait(identifier: str, rules: IdentityRules) -> Portrait:
    from portrait.store import portraits
    from portrait.store.secrets import secret

    home = home_of(identifier, rules, secret())
    record = portraits.follow(home) if home else None
    if record is None or not record.state:
        raise Rejected("not_found", "nothing is known of this identifier")
    return record.portrait


def _show(options: argparse.Namespace) -> int:
    from portrait.store import models

    name = options.model
    found, _ = models.pointer(name)
    if found is None:
        print(f"{name}: no version is in force")
        return 0
    card = models.load(name, found.champion).card
    print(f"{name}: {found.champion}, before it {found.previous or 'none'}")
    print(card.get("reason", ""))
    return 0


def _rollback(options: argparse.Namespace) -> int:
    from portrait.store import models

    name = options.model
    found, tag = models.pointer(name)
    if found is None:
        raise Rejected("no_previous_model", f"no version of {name} was ever in force")
    back = registry.rolled_back(found, time.time_ns() // 1_000_000)
    models.load(name, back.champion)  # rather no change than one to what nobody would use
    models.point(back, tag=tag)
    print(f"{name}: {back.champion} is in force again, within a minute everywhere")
    return 0


_COMMANDS = {"show": _show, "rollback": _rollback, "recommend": _recommend}

if __name__ == "__main__":
    sys.exit(main())
