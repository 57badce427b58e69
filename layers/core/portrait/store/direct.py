"""One SendMessage straight to SQS: botocore's signature and connection, without its machinery.

Building, hooking and parsing a call through a botocore client costs ingest more processor time
than reading and checking the events in it (tests/bench). Whatever is not a plain 200 is left to
the client, which owns retries, errors and everything unusual.
"""

from functools import cache
from typing import Any

import msgspec
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session

from portrait.store.session import CONNECT_TIMEOUT_SECONDS, REQUEST_TIMEOUT_SECONDS, SESSION

_HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Target": "AmazonSQS.SendMessage",
}
_encoder = msgspec.json.Encoder()


@cache
def _connection() -> Any:
    timeout: Any = (CONNECT_TIMEOUT_SECONDS, REQUEST_TIMEOUT_SECONDS)
    return URLLib3Session(timeout=timeout)


def send_message(sqs: Any, url: str, body: str) -> bool:
    """Put one body on a queue; return False where it is not certain that the queue has it.

    Who gets False sends it again through the client. The queue may then have it twice, and its
    readers recognise what they have seen.

    Args:
        sqs: the client, which knows the endpoint and the region.
    """
    credentials = SESSION.get_credentials()
    if credentials is None:
        return False
    data = _encoder.encode({"QueueUrl": url, "MessageBody": body})
    request = AWSRequest("POST", f"{sqs.meta.endpoint_url}/", data=data, headers=_HEADERS)
    SigV4Auth(credentials.get_frozen_credentials(), "sqs", sqs.meta.region_name).add_auth(request)
    try:
        answer = _connection().send(request.prepare())
    except BotoCoreError:
        return False
    return bool(answer.status_code == 200)
