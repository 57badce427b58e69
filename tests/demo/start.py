"""Keep the product up on a local AWS until Ctrl-C: `make start`."""

import argparse
import contextlib
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

import urllib3

from tests.demo.build import here
from tests.demo.environments import SetUpError
from tests.demo.measure import emails
from tests.demo.quiet import dead_letters
from tests.demo.receiver import Receiver, receiving
from tests.demo.shop_day import WRITE_KEYS, NotPublished, publish
from tests.demo.stack import Stack, running_stack

SECONDS_BETWEEN_LOOKS = 1.0
QUEUES = {
    "events": "EventsQueueUrl",
    "journeys": "JourneysQueueUrl",
    "messages": "MessagesQueueUrl",
}
TABLES = {"portraits": "PortraitsTableName", "journeys": "JourneysTableName"}
WAITING = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")


def main() -> int:
    parser = argparse.ArgumentParser(prog="make start", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="PORT=n; a free one if left out")
    port = parser.parse_args().port
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, interrupt)
    try:
        keep_up(port)
    except (SetUpError, NotPublished) as error:
        print(f"portrait: {error}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        with contextlib.suppress(OSError):
            print("\nstopped; nothing is left running", flush=True)
    return 0


def interrupt(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt


def keep_up(port: int) -> None:
    log = here().beside("start.log")
    with tempfile.TemporaryDirectory() as folder, receiving(Path(folder)) as receiver:
        trusted = {"SSL_CERT_FILE": str(receiver.ca_bundle)}
        with running_stack(environment=trusted, port=port, log=log, say=say) as stack:
            say("publishing the starter definitions")
            publish(stack, {"template/high_value_order.url": f"{receiver.url}/high-value-orders"})
            say("warming up")
            urllib3.request("GET", f"{stack.api_url}/health", timeout=60)
            print(welcome(stack, log), flush=True)
            watch(stack, receiver)


def say(step: str) -> None:
    print(f"{step} …", flush=True)


def welcome(stack: Stack, log: Path) -> str:
    """Return what a newcomer needs: addresses, keys, and commands to paste."""
    keys = "\n".join(f"  {source:8} {key}" for source, key in WRITE_KEYS.items())
    commands = "\n\n".join(f"  {line}" for line in curl_lines(stack.api_url))
    return f"""
Portrait is up; Ctrl-C stops it.

API            {stack.api_url}
events queue   {stack.events_queue_url}
local AWS      AWS_ENDPOINT_URL={stack.endpoint_url} AWS_DEFAULT_REGION={stack.region} \
AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
log            {log}

Write keys by source:
{keys}

Try: is it there; somebody signs up for the newsletter; and orders for a lot.

{commands}
"""


def curl_lines(api_url: str) -> list[str]:
    """Return three commands that show the way from an event to a message."""
    web, shop = WRITE_KEYS["web"], WRITE_KEYS["shop"]
    json_type = "-H 'Content-Type: application/json'"
    sign_up = (
        '{"batch": [{"type": "identify", "userId": "ada", "traits": {"email": "ada@shop.example"}},'
        ' {"type": "track", "userId": "ada", "event": "Consent Granted",'
        ' "properties": {"channel": "email", "purpose": "marketing"}}]}'
    )
    order = (
        '{"userId": "ada", "event": "Order Completed",'
        ' "properties": {"order_id": "1001", "revenue": 250, "currency": "EUR"}}'
    )
    return [
        f"curl {api_url}/health",
        f"curl -u {web}: {json_type} -d '{sign_up}' {api_url}/v1/batch",
        f"curl -u {shop}: {json_type} -d '{order}' {api_url}/v1/track",
    ]


def watch(stack: Stack, receiver: Receiver) -> None:
    """Show what is where until interrupted: in place on a terminal, else a line per change."""
    terminal, shown = sys.stdout.isatty(), ""
    while True:
        line = "   ".join(f"{name} {n}" for name, n in counts(stack, receiver).items())
        if terminal:
            print(f"\r\x1b[K{line}", end="", flush=True)  # an OSError once the terminal is gone
        elif line != shown:
            print(line, flush=True)
        shown = line
        time.sleep(SECONDS_BETWEEN_LOOKS)


def counts(stack: Stack, receiver: Receiver) -> Mapping[str, int]:
    """Count what waits, what is stored, and what was sent."""
    found = {f"{name} queue": waiting(stack, output) for name, output in QUEUES.items()}
    found |= {name: items(stack, output) for name, output in TABLES.items()}
    found |= {"e-mails": len(emails(stack)), "webhooks": len(receiver.deliveries)}
    return found | {"dead letters": sum(dead_letters(stack).values())}


def waiting(stack: Stack, output: str) -> int:
    url, names = stack.outputs[output], list(WAITING)
    answer = stack.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)
    return sum(int(number) for number in answer["Attributes"].values())


def items(stack: Stack, output: str) -> int:
    table = stack.client("dynamodb").describe_table(TableName=stack.outputs[output])
    return int(table["Table"]["ItemCount"])


if __name__ == "__main__":
    sys.exit(main())
