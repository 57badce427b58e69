"""Look at a message before anybody gets it: `python -m portrait.rendering preview --help`."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from portrait import links, unsubscribe
from portrait.compiled import Template
from portrait.definitions.documents import canonical, parse
from portrait.definitions.problems import DefinitionError
from portrait.faults import Rejected
from portrait.links import Click
from portrait.rendering import (
    check,
    render_email,
    render_offer,
    render_push,
    render_sms,
    render_webhook,
)
from portrait.rendering.filters import TRACKER
from portrait.unsubscribe import Unsubscription

INVALID = 1
"""Exit code: the template, or what is told of the customer, is wrong."""

SECRET, HOME, MESSAGE = b"a preview", "a" * 27, "0" * 24
"""What links are made with that are as long as real ones and lead nowhere."""


SAMPLES = {
    "new": [f"new-item-{n}" for n in range(1, 11)],
    "repeat": [f"known-item-{n}" for n in range(1, 11)],
}
"""What no model recommended."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        template = _template(options.template)
        for line in _lines(template, _known(options, template), options.html):
            print(line)
    except DefinitionError as error:
        print(*error.problems, sep="\n", file=sys.stderr)
        return INVALID
    except Rejected as fault:
        print(f"{options.template}: {fault}", file=sys.stderr)
        return INVALID
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m portrait.rendering", description=__doc__)
    preview = parser.add_subparsers(required=True, metavar="command").add_parser(
        "preview", help="write one message for one customer, and send nothing"
    )
    preview.add_argument("template", type=Path, help="document of kind template, YAML or JSON")
    preview.add_argument(
        "--customer", type=Path, required=True, metavar="FILE", help="their traits, one JSON object"
    )
    preview.add_argument(
        "--event", type=Path, metavar="FILE",
        help="what just happened: a JSON object with name, properties and traits",
    )  # fmt: skip
    preview.add_argument(
        "--public-url", default="https://api.example.com", metavar="URL",
        help="where links lead; its length counts in text messages",
    )  # fmt: skip
    preview.add_argument("--time-zone", default="UTC", metavar="ZONE", help="the customer's")
    preview.add_argument(
        "--html", type=Path, metavar="FILE", help="also write the HTML part to this file"
    )
    return parser


def _template(path: Path) -> Template:
    try:
        raw = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise DefinitionError([f"{path}: cannot be read: {error}"]) from error
    document = canonical(parse(raw, str(path)))
    if document["kind"] != "template":
        raise DefinitionError([f"{path}: kind: expected a template"])
    if problems := check(document):
        raise DefinitionError([f"{path}: {problem}" for problem in problems])
    return Template.from_document(document)


def _known(options: argparse.Namespace, template: Template) -> dict[str, Any]:
    now = time.time_ns() // 1_000_000
    event = _object(options.event) if options.event else {}
    channel, base = template.channel, options.public_url
    out = unsubscribe.issue(SECRET, Unsubscription(HOME, MESSAGE, channel, "marketing"), now=now)

    def tracked(url: str) -> str:
        return links.link(base, links.issue(SECRET, Click(MESSAGE, channel, HOME, url), now=now))

    return {
        "customer": _object(options.customer),
        "event": {"name": "", "at": now, "properties": {}, "traits": {}, **event},
        "campaign": "preview",
        "message_id": MESSAGE,
        "unsubscribe_url": unsubscribe.link(base, out),
        "opt_out": template.opt_out,
        "trap_url": tracked(links.TRAP),
        "recommended": SAMPLES,
        "now": now,
        "time_zone": options.time_zone,
        TRACKER: None if channel == "email" else tracked,
    }


def _object(path: Path) -> dict[str, Any]:
    try:
        known = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DefinitionError([f"{path}: cannot be read: {error}"]) from error
    if not isinstance(known, dict):
        raise DefinitionError([f"{path}: expected one JSON object"])
    return known


def _lines(template: Template, known: dict[str, Any], html: Path | None) -> list[str]:
    if template.channel == "email":
        email = render_email(template, known)
        if html and email.html:
            html.write_text(email.html, "utf-8")
        written = [f"HTML     {len(email.html)} characters" + (f", in {html}" if html else "")]
        return [f"Subject  {email.subject}", *(written if email.html else []), "", email.text]
    if template.channel == "sms":
        sms = render_sms(template, known)
        encoding, units, segments = sms.length
        return [f"{segments} of {template.max_segments} segments, {units} units of {encoding}", "",
                sms.text]  # fmt: skip
    if template.channel == "push":
        push = render_push(template, known)
        opens = [f"Opens    {push.url}"] if push.url else []
        data = [f"Data     {json.dumps(push.data, ensure_ascii=False)}"] if push.data else []
        return [f"Title    {push.title}", *opens, *data, "", push.body]
    if template.channel == "inbox":
        offer = render_offer(template, known)
        return [f"{name.capitalize():<8} {value}" for name, value in offer.items()]
    return [f"POST     {template.url}", "", render_webhook(template, known).decode()]


if __name__ == "__main__":
    sys.exit(main())
