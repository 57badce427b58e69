"""The stack's secret, with which homes are keyed and tokens are signed."""

from functools import cache

from botocore.exceptions import BotoCoreError, ClientError

from portrait.faults import Unavailable
from portrait.settings import get_settings
from portrait.store.session import client


@cache
def secret() -> bytes:
    """Return the secret that the template generated, read once per process.

    Raises:
        Unavailable: Secrets Manager did not answer.
    """
    try:
        answer = client("secretsmanager").get_secret_value(SecretId=get_settings().secret_arn)
    except (BotoCoreError, ClientError) as error:
        raise Unavailable(f"the secret could not be read: {type(error).__name__}") from error
    return str(answer["SecretString"]).encode()
