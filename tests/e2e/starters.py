"""People who play one starter campaign each on a running stack, all at the same time."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import urllib3

from portrait.identity import home
from portrait.view import View
from tests.demo.environments import ROOT
from tests.demo.feedback import BROWSER, Delivered, notification
from tests.demo.measure import emails, find
from tests.demo.ministack import CREDENTIALS
from tests.demo.play import clock
from tests.demo.shop_day import WRITE_KEYS, read_secret
from tests.demo.stack import Stack
from tests.demo.wire import iso

DAY = 86_400
ERASE = """
import sys, time
from portrait.erasure import erase
from portrait.store import portraits
erase(sys.argv[1], portraits, clock=lambda: time.time_ns() // 1_000_000, pause=time.sleep)
"""


def whole_minute(seconds: float, zone: str) -> datetime:
    """Return the first whole minute at least so many seconds from now, by the clock of a zone."""
    moment = datetime.now(ZoneInfo(zone)) + timedelta(seconds=seconds + 60)
    return moment.replace(second=0, microsecond=0)


def eventually(look: Callable[[], Any], seconds: float = 120) -> Any:
    """Return the first true answer of `look`, or its last one when the time is up."""
    deadline = time.monotonic() + seconds
    while not (answer := look()) and time.monotonic() < deadline:
        time.sleep(0.5)
    return answer


@dataclass(frozen=True)
class Shop:
    """A shop's systems, which tell the product what its customers do."""

    stack: Stack

    def tell(self, user: str, *events: dict[str, Any], source: str = "shop") -> None:
        """Send events of one customer in one request; `ago` is how many seconds ago one was."""
        now = clock()
        batch = [
            {"userId": user, "timestamp": iso(now - round(one.pop("ago", 0) * 1000)), **one}
            for one in events
        ]
        headers = urllib3.make_headers(basic_auth=f"{WRITE_KEYS[source]}:")
        answer = urllib3.request(
            "POST", f"{self.stack.api_url}/v1/batch", headers=headers, timeout=60,
            json={"batch": batch, "sentAt": iso(now)},
        )  # fmt: skip
        assert answer.status == 200, answer.data

    def account(self, user: str, *more: dict[str, Any], ago: float = 0, **traits: Any) -> None:
        """Open an account and say yes to e-mails, in one request with whatever else was."""
        known = {"email": address(user), **traits}
        self.tell(
            user,
            {"type": "identify", "traits": known, "ago": ago},
            track("Consent Granted", ago=ago, channel="email", purpose="marketing"),
            *more,
            source="import" if ago else "shop",
        )

    def click(self, user: str, campaign: str) -> None:
        """Let SES report that the customer clicked in the e-mail of a campaign."""
        sent = [one for one in self.view(user).contacts if one.campaign == campaign]
        told = {"timestamp": iso(clock()), "link": "https://shop.example/", "userAgent": BROWSER}
        body = notification(Delivered(sent[-1].id, address(user)), "Click", told)
        queue = self.stack.events_queue_url
        self.stack.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(body))

    def home(self, user: str) -> str:
        return home(read_secret(self.stack), "user_id", user)

    def view(self, user: str) -> View:
        """Return the customer as the stack knows them."""
        found = find(self.stack)
        return found.portraits[self.home(user)].view(found.catalogue, clock())

    def subjects(self, user: str) -> list[str]:
        """Return what the customer got by e-mail, in order."""
        return [one.subject for one in emails(self.stack) if one.to == address(user)]

    def inbox(self, user: str, channel: str) -> list[str]:
        """Return what a channel shows to the customer."""
        headers = urllib3.make_headers(basic_auth=f"{WRITE_KEYS['till']}:")
        url = f"{self.stack.api_url}/v1/inbox/user_id:{user}?channel={channel}"
        answer = urllib3.request("GET", url, headers=headers, timeout=60)
        assert answer.status == 200, answer.data
        return [one["campaign"] for one in answer.json()["offers"]]

    def dossiers(self, user: str, campaign: str) -> list[dict[str, Any]]:
        """Return the customer's entries to a campaign."""
        every = find(self.stack).entries
        return [
            one for one in every if (one["home"], one["campaign"]) == (self.home(user), campaign)
        ]

    def path(self, user: str, campaign: str) -> dict[str, str]:
        """Return how the steps of the customer's one entry to a campaign ended, as is known yet."""
        (entry,) = self.dossiers(user, campaign)
        path: dict[str, str] = entry.get("path", {})
        return path

    def timers(self) -> dict[str, list[int]]:
        """Return when the portraits are to be woken (UTC ms), by their homes."""
        found: dict[str, list[int]] = {}
        for page in self.stack.client("scheduler").get_paginator("list_schedules").paginate():
            for one in page["Schedules"]:
                owner, _, due_at = one["Name"].rpartition("-")
                if owner and due_at.isdigit():
                    found.setdefault(owner, []).append(int(due_at))
        return found

    def erase(self, user: str) -> None:
        """Forget the customer, as an operator does."""
        place = {"AWS_ENDPOINT_URL": self.stack.endpoint_url, "AWS_DEFAULT_REGION": "us-east-1"}
        code = {"PYTHONPATH": str(ROOT / "layers/core")}
        table = {"PORTRAITS_TABLE": self.stack.portraits_table}
        command = [sys.executable, "-c", ERASE, self.home(user)]
        subprocess.run(
            command, env={**os.environ, **CREDENTIALS, **place, **code, **table}, check=True
        )


def address(user: str) -> str:
    return f"{user}@mail.example"


def track(event: str, *, ago: float = 0, **properties: Any) -> dict[str, Any]:
    return {"type": "track", "event": event, "properties": properties, "ago": ago}


def order(number: str, *, ago: float = 0, revenue: float = 50) -> dict[str, Any]:
    return track("Order Completed", ago=ago, order_id=number, revenue=revenue)
