"""The secret that opens the lists of advertising platforms; the company makes it, not the stack."""

from collections.abc import Mapping

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from portrait.faults import Unavailable
from portrait.settings import get_settings
from portrait.store.session import client

_decoder = msgspec.json.Decoder(dict[str, dict[str, str]])


def audience_secret(platform: str) -> Mapping[str, str]:
    """Return what opens the lists of a platform, read anew each time, so that it may be renewed.

    The secret is JSON, by platform: `{"google": {"client_id": …}, "meta": {"access_token": …}}`.
    What is not there is empty, so that no platform stops another.

    Raises:
        Unavailable: Secrets Manager did not answer, or what it holds is something else.
    """
    arn = get_settings().audience_secret_arn
    if not arn:
        return {}
    try:
        answer = client("secretsmanager").get_secret_value(SecretId=arn)
        return _decoder.decode(answer["SecretString"]).get(platform, {})
    except (BotoCoreError, ClientError) as error:
        raise Unavailable(f"the secret could not be read: {type(error).__name__}") from error
    except (KeyError, msgspec.MsgspecError) as error:
        raise Unavailable("the secret of the audiences is not the JSON it should be") from error
