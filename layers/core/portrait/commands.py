"""Commands: what all that people start from a shell have in common."""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from portrait.definitions.documents import canonical
from portrait.definitions.problems import DefinitionError
from portrait.definitions.reading import read_folder
from portrait.faults import Conflict, Rejected, Unavailable
from portrait.settings import get_settings

INVALID, TRY_AGAIN = 1, 3
"""Exit codes: what was asked for is wrong; AWS did not answer, or somebody else was faster."""

LONGEST_INVOCATION_S = 60
"""No function runs for longer that goes by definitions; until then one may not know the latest."""


def parser(module: str, what: str | None) -> argparse.ArgumentParser:
    """Return the parser of a command that is a module, described as the module is."""
    return argparse.ArgumentParser(
        prog=f"python -m {module}",
        description=what,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def carried_out(command: Callable[[], int], *, advice: str) -> int:
    """Run a command and return its exit code; problems go to standard error.

    Args:
        advice: what to do where AWS did not answer, or somebody else was faster.
    """
    try:
        return command()
    except DefinitionError as error:
        tell("\n".join(error.problems))
        return INVALID
    except Rejected as fault:
        tell(str(fault))
        return INVALID
    except (Conflict, Unavailable) as error:
        tell(f"{error}; {advice}")
        return TRY_AGAIN


def tell(said: str) -> None:
    """Say it to whoever watches, beside what the command answers."""
    print(said, file=sys.stderr, flush=True)


def wait_until_known(published_at: int, what: str) -> None:
    """Wait until every function knows what was published at an instant (UTC ms)."""
    known_from = get_settings().definitions_max_age_seconds + LONGEST_INVOCATION_S
    rest = published_at / 1000 + known_from - time.time()
    if rest > 0:
        tell(f"waiting {rest:.0f} s until every function knows the {what}")
        time.sleep(rest)


def only_document(path: Path, kind: str) -> dict[str, Any]:
    """Return the one document of a kind in a file, canonical.

    Raises:
        DefinitionError: it is wrong, or there is none, or there are several.
    """
    documents = [canonical(draft.definition) for draft in read_folder(path)]
    found = [document for document in documents if document["kind"] == kind]
    if len(found) != 1:
        raise DefinitionError([f"{path}: expected one document of kind {kind}"])
    return found[0]
