"""What tests of portrait.store stand on: an AWS that is empty each time, and the template's."""

import pytest

from portrait.store import journeys, secrets
from portrait.store.session import client
from tests.local_aws import SECRET


@pytest.mark.parametrize("time", ["first", "again"])
def test_every_test_finds_it_empty(aws, time):
    assert aws.client("dynamodb").scan(TableName="portraits")["Items"] == []
    aws.client("dynamodb").put_item(TableName="portraits", Item={"home": {"S": "left behind"}})


def test_the_store_reaches_it_without_being_told(aws):
    assert secrets.secret() == SECRET.encode()
    assert client("s3").list_buckets()["Buckets"][0]["Name"] == "data"
    assert journeys.find("nobody's") is None
