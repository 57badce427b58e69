"""What only the deployed template shows: routes, triggers, roles, and the words of make start."""

import shlex
import shutil
import subprocess
import time

import pytest
import urllib3

from tests.demo.measure import emails, find
from tests.demo.shop_day import publish
from tests.demo.start import curl_lines

SECONDS = 60


@pytest.fixture(scope="module")
def published(stack):
    publish(stack, {})
    return stack


def request(method, url, **headers):
    return urllib3.request(method, url, headers=headers, timeout=SECONDS)


def eventually(look):
    """Return the first true answer of `look`, or its last one when the time is up."""
    deadline = time.monotonic() + SECONDS
    while not (answer := look()) and time.monotonic() < deadline:
        time.sleep(0.25)
    return answer


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl on this machine")
def test_the_commands_of_make_start_lead_to_an_e_mail(published):
    for line in curl_lines(published.api_url):
        answer = subprocess.run(shlex.split(line), capture_output=True, text=True, check=True)
        assert answer.stdout == '{"success": true}'

    greeted = eventually(lambda: [mail for mail in emails(published) if mail.to.startswith("ada@")])
    campaigns = {journey["campaign"] for journey in find(published).journeys}
    assert greeted or campaigns >= {"welcome"}  # unless the control group has her
    assert campaigns >= {"post_purchase", "high_value_order"}


def test_a_browser_may_send_its_key_from_anywhere(stack):
    answer = request(
        "OPTIONS",
        f"{stack.api_url}/v1/track",
        **{
            "Origin": "https://shop.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )

    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "authorization" in answer.headers["access-control-allow-headers"]


def test_unsubscribe_is_answered_by_privacy_and_everything_else_by_ingest(stack):
    forged = request("GET", f"{stack.api_url}/unsubscribe/forged")
    unknown = request("GET", f"{stack.api_url}/no/such/path")

    assert (forged.status, forged.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert unknown.status == 404
    assert unknown.json()["code"] == "unknown_route"


def test_a_role_does_not_let_its_function_do_what_others_do(stack):
    (role,) = (
        each["PhysicalResourceId"]
        for each in stack.client("cloudformation").describe_stack_resources(
            StackName="portrait-local", LogicalResourceId="IngestRole"
        )["StackResources"]
    )
    (name,) = stack.client("iam").list_role_policies(RoleName=role)["PolicyNames"]
    policy = stack.client("iam").get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]

    assert not any("dynamodb:PutItem" in str(each["Action"]) for each in policy["Statement"])
