"""Look at models, and go back to the one before: `python -m portrait.learning --help`.

Of which stack: DATA_BUCKET and SECRET_ARN, outputs of the deployment, and AWS_DEFAULT_REGION,
AWS_PROFILE and AWS_ENDPOINT_URL as usual.
"""

import argparse
import sys
import time
from collections.abc import Sequence

from portrait.faults import Conflict, Rejected, Unavailable
from portrait.learning import registry

INVALID, TRY_AGAIN = 1, 3
"""Exit codes: there is nothing to go back to, or what there is is not ours; AWS did not answer, or
somebody else was faster."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; problems go to standard error."""
    options = _parser().parse_args(arguments)
    try:
        return _rollback(options.model) if options.command == "rollback" else _show(options.model)
    except Rejected as fault:
        print(fault, file=sys.stderr)
        return INVALID
    except (Conflict, Unavailable) as fault:
        print(f"{fault}; nothing was changed, run the same command again", file=sys.stderr)
        return TRY_AGAIN


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m portrait.learning",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in (
        ("show", "say which version is in force, and what its card says"),
        ("rollback", "put the version before this one in force, within a minute"),
    ):
        command = commands.add_parser(name, help=what)
        command.add_argument("model", metavar="MODEL", help="such as churn")
    return parser


def _show(name: str) -> int:
    from portrait.store import models

    found, _ = models.pointer(name)
    if found is None:
        print(f"{name}: no version is in force")
        return 0
    card = models.load(name, found.champion).card
    print(f"{name}: {found.champion}, before it {found.previous or 'none'}")
    print(card.get("reason", ""))
    return 0


def _rollback(name: str) -> int:
    from portrait.store import models

    found, tag = models.pointer(name)
    if found is None:
        raise Rejected("no_previous_model", f"no version of {name} was ever in force")
    back = registry.rolled_back(found, time.time_ns() // 1_000_000)
    models.load(name, back.champion)  # rather no change than one to what nobody would use
    models.point(back, tag=tag)
    print(f"{name}: {back.champion} is in force again, within a minute everywhere")
    return 0


if __name__ == "__main__":
    sys.exit(main())
