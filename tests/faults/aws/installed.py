"""Putting the simulated AWS under the product: below botocore's clients, and under the clock."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from botocore.client import BaseClient
from botocore.exceptions import BotoCoreError
from pynamodb.models import Model

from portrait.settings import get_settings
from portrait.store import definitions, direct, session
from portrait.store.secrets import secret
from tests.faults.aws.cloud import Cloud
from tests.faults.aws.refusals import Refused

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "simulated",
    "AWS_SECRET_ACCESS_KEY": "simulated",
    "AWS_EC2_METADATA_DISABLED": "true",
}
_ANSWERED = {"HTTPStatusCode": 200, "HTTPHeaders": {}, "RequestId": "simulated", "RetryAttempts": 0}
_create_client = session.SESSION.create_client
_clients: dict[tuple[str, str], Any] = {}


@contextmanager
def installed(cloud: Cloud, *, environment: Mapping[str, str] | None = None) -> Iterator[Cloud]:
    """Let every AWS client and every reading of the time in here reach `cloud` and its clock.

    What the product remembers (settings, clients, the secret, the catalogue) is forgotten on the
    way in and on the way out. Only the clients themselves, which hold no state, are kept for the
    next time, since making one takes longer than a thousand calls.

    Args:
        environment: the variables that the product's settings are read from.
    """
    with ExitStack() as replaced:
        use = replaced.enter_context
        region = {"AWS_DEFAULT_REGION": cloud.region}
        use(patch.dict(os.environ, ENVIRONMENT | region | dict(environment or {})))
        os.environ.pop("AWS_ENDPOINT_URL", None)
        use(patch.object(BaseClient, "_make_api_call", _caller(cloud)))
        use(patch.object(session.SESSION, "create_client", _client))
        use(patch.object(session.SESSION, "_credentials", None))  # it keeps what it first found
        use(patch.object(direct, "send_message", _direct(cloud)))
        use(patch.object(time, "time_ns", lambda: cloud.clock.now_ms * 1_000_000))
        use(patch.object(time, "time", lambda: cloud.clock.now_ms / 1000))
        use(patch.object(time, "sleep", lambda seconds: cloud.clock.advance(seconds * 1000)))
        forget()
        replaced.callback(forget)
        yield cloud


def forget() -> None:
    """Make the product read everything anew, as a fresh sandbox would."""
    get_settings.cache_clear()
    session.client.cache_clear()
    secret.cache_clear()
    definitions._held.catalogue, definitions._held.checked_at = None, 0
    for model in _below(Model):
        model._connection = None


def _below(kind: type) -> Iterator[Any]:
    each: type
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


def _client(
    service: str, region_name: str | None = None, *, config: Any = None, **options: Any
) -> Any:
    told = sorted(config._user_provided_options.items()) if config else []
    key = service, repr((region_name, told, sorted(options.items())))
    if key not in _clients:
        _clients[key] = _create_client(service, region_name, config=config, **options)
    return _clients[key]


def _caller(cloud: Cloud) -> Any:
    def _make_api_call(self: Any, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        retries = self.meta.config.retries or {}
        try:
            answer = cloud.call(
                self._service_model.service_name,
                operation,
                params,
                attempts=retries.get("total_max_attempts", 3),
            )
        except Refused as refused:
            raise refused.as_error(operation, self.exceptions.from_code) from None
        answer["ResponseMetadata"] = _ANSWERED
        return answer

    return _make_api_call


def _direct(cloud: Cloud) -> Any:
    """Return what stands for `portrait.store.direct.send_message`: one attempt, no SDK retries."""

    def send_message(sqs: Any, url: str, body: str) -> bool:
        try:
            cloud.call("sqs", "SendMessage", {"QueueUrl": url, "MessageBody": body})
        except (Refused, BotoCoreError):
            return False
        return True

    return send_message
