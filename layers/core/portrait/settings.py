"""Runtime settings. The only module in the project that reads the environment."""

import os
from functools import lru_cache

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True, rename="upper"):
    """What a function may need to know about where it runs.

    An empty string means that the function was not given the resource; tests/contract holds the
    template to giving each function what its code reads, and nothing else.
    """

    stage: str = "dev"
    portraits_table: str = ""
    journeys_table: str = ""
    definitions_table: str = ""
    data_bucket: str = ""
    events_queue_url: str = ""
    journeys_queue_url: str = ""
    journeys_queue_arn: str = ""
    journeys_dlq_arn: str = ""
    messages_queue_url: str = ""
    pages_queue_url: str = ""
    audiences_queue_url: str = ""
    scores_queue_url: str = ""
    event_bus: str = ""
    schedule_group: str = ""
    schedule_role_arn: str = ""
    secret_arn: str = ""
    audience_secret_arn: str = ""
    audience_endpoint: str = ""
    public_url: str = ""
    sender_email: str = ""
    ses_configuration_set: str = ""
    ses_configuration_sets: str = ""
    sms_origination: str = ""
    sms_configuration_set: str = ""
    sms_max_price: str = ""
    apns_application_arn: str = ""
    fcm_application_arn: str = ""
    webhook_private_hosts: str = ""
    definitions_max_age_seconds: int = 60
    score_step: float = 0.05
    retrain_customers: int = 30_000


@lru_cache
def get_settings() -> Settings:
    """Read and check the environment once per process.

    Raises:
        msgspec.ValidationError: a variable is malformed; Lambda reports it as an init error.
    """
    return msgspec.convert(dict(os.environ), Settings, strict=False)
