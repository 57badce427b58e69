"""What MiniStack 1.5.33 leaves out of a deployment, put right through the API it has."""

import json
from collections.abc import Callable, Mapping
from typing import Any

MAY_SEND = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*"}],
}
NUMBERS = ("BatchSize", "MaximumBatchingWindowInSeconds")


def close_gaps(client: Callable[[str], Any], stack: str, *, template: Mapping[str, Any]) -> None:
    """Give the deployed triggers, API and sender what their template says; safe to repeat."""
    deployed = client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
    ids = {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in deployed}
    triggers = client("lambda")
    for trigger in triggers.list_event_source_mappings()["EventSourceMappings"]:
        triggers.update_event_source_mapping(UUID=trigger["UUID"], **numbers(trigger))
    # It keeps the API's CORS under names that it never reads.
    cors = template["Resources"]["HttpApi"]["Properties"]["CorsConfiguration"]
    client("apigatewayv2").update_api(ApiId=ids["HttpApi"], CorsConfiguration=cors)
    # It asks whether a role may send from `*`, where AWS names the identity and the sender.
    client("iam").put_role_policy(
        RoleName=ids["DispatchRole"], PolicyName="local", PolicyDocument=json.dumps(MAY_SEND)
    )


def numbers(trigger: Mapping[str, Any]) -> dict[str, Any]:
    """Return a trigger's sizes as numbers: a `!Ref` to a Number parameter is stored as text."""
    sizes: dict[str, Any] = {name: int(trigger[name]) for name in NUMBERS if name in trigger}
    if concurrency := trigger.get("ScalingConfig"):
        sizes["ScalingConfig"] = {"MaximumConcurrency": int(concurrency["MaximumConcurrency"])}
    return sizes
