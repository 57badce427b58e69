"""The template keeps the promises that production needs."""

import json
import re
import tomllib

import pytest

from functions.retrain.handler import MOST_CUSTOMERS
from portrait.settings import Settings
from portrait.store.calendar_runs import CalendarItem
from portrait.store.definitions import DefinitionItem
from portrait.store.journeys import JourneyItem
from portrait.store.portraits import PortraitItem
from tests.bench_models.nights import STEP
from tests.contract.conftest import FUNCTIONS, TEMPLATE
from tests.demo.environments import ROOT
from tests.demo.template import resources

TABLES = {
    "PortraitsTable": PortraitItem,
    "JourneysTable": JourneyItem,
    "DefinitionsTable": DefinitionItem,
}
BESIDE = {"DefinitionsTable": CalendarItem.get_attributes()}
"""What lies in a table beside what it is for."""
CLIENT_HEADERS = """
    authorization content-type content-encoding x-retry-count x-strict-mode anonymousid sentat
    rsa-recovered rsa-retry-attempt rsa-since-last-attempt rsa-since-first-attempt rsa-retry-reason
""".split()  # noqa: SIM905 - words read better than a list of them
EVENTS = [
    pytest.param(function, event, id=f"{name}-{event['Type']}")
    for name, function in FUNCTIONS.items()
    for event in function.get("Events", {}).values()
]
BATCH_EVENTS = [case for case in EVENTS if case.values[1]["Type"] != "Schedule"]
QUEUE_EVENTS = [case for case in EVENTS if case.values[1]["Type"] == "SQS"]


def of(kind):
    return resources(TEMPLATE, kind)


def target(reference):
    """Return the logical id that a `!GetAtt` names."""
    return reference["Fn::GetAtt"][0]


@pytest.mark.parametrize("name", TEMPLATE["Parameters"])
def test_every_parameter_is_described(name):
    description = TEMPLATE["Parameters"][name]["Description"]
    assert description.endswith((".", ";"))


def test_what_learning_is_given_is_what_it_would_take_without_a_template():
    asked, step = (TEMPLATE["Parameters"][name] for name in ("RetrainCustomers", "ScoreStep"))

    assert asked["MaxValue"] == MOST_CUSTOMERS
    assert asked["Default"] == Settings().retrain_customers
    assert float(step["Default"]) == Settings().score_step == STEP


def test_the_default_runtime_is_the_newest_that_the_project_supports():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    parameter = TEMPLATE["Parameters"]["PythonRuntime"]

    assert parameter["AllowedValues"] == ["python3.11", "python3.12", "python3.13"]
    assert parameter["Default"] == parameter["AllowedValues"][-1]
    assert project["requires-python"] == ">=3.11,<3.14"


@pytest.mark.parametrize(("consumer", "event"), BATCH_EVENTS)
def test_a_record_that_fails_does_not_take_its_batch_along(consumer, event):
    assert event["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize(("consumer", "event"), QUEUE_EVENTS)
def test_a_queue_hides_a_message_six_times_as_long_as_its_function_may_run(consumer, event):
    queue = of("AWS::SQS::Queue")[target(event["Properties"]["Queue"])]
    assert queue["VisibilityTimeout"] >= 6 * consumer["Timeout"]


@pytest.mark.parametrize(("consumer", "event"), QUEUE_EVENTS)
def test_a_queue_gives_up_into_a_dead_letter_queue_and_bounds_its_function(consumer, event):
    queue = of("AWS::SQS::Queue")[target(event["Properties"]["Queue"])]

    assert queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][1] == "Arn"
    assert event["Properties"]["ScalingConfig"]["MaximumConcurrency"]


def test_every_asynchronous_edge_ends_in_a_queue_with_an_alarm():
    text = json.dumps(TEMPLATE["Resources"])
    edges = re.findall(r'"(?:deadLetterTargetArn|Destination)": \{"Fn::GetAtt": \["(\w+)"', text)
    alarmed = {
        target(dimension["Value"])
        for alarm in of("AWS::CloudWatch::Alarm").values()
        for dimension in alarm.get("Dimensions", [])
        if dimension["Name"] == "QueueName"
    }

    assert set(edges) == {
        "EventsDlq", "JourneysDlq", "MessagesDlq", "PagesDlq", "AudiencesDlq", "ScoresDlq",
        "TriggerDlq", "FeedbackDlq",
    }  # fmt: skip
    assert set(edges) <= alarmed


def test_every_alarm_reaches_the_topic():
    actions = [alarm["AlarmActions"] for alarm in of("AWS::CloudWatch::Alarm").values()]
    assert actions == [[{"Ref": "AlarmTopic"}]] * len(actions)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_the_keys_and_indexes_that_the_store_uses(name):
    table, used = of("AWS::DynamoDB::Table")[name], TABLES[name]._get_schema()

    assert table["AttributeDefinitions"] == used["attribute_definitions"]
    assert key_of(table["KeySchema"]) == key_of(used["key_schema"])
    assert [
        (index["IndexName"], key_of(index["KeySchema"]), index["Projection"])
        for index in table.get("GlobalSecondaryIndexes", [])
    ] == [
        (index["index_name"], key_of(index["key_schema"]), index["projection"])
        for index in used["global_secondary_indexes"]
    ]


def key_of(schema):
    return {each["KeyType"]: each["AttributeName"] for each in schema}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_paid_by_use_and_can_be_recovered(name):
    table = of("AWS::DynamoDB::Table")[name]

    assert TEMPLATE["Resources"][name]["DeletionPolicy"] == "RetainExceptOnCreate"
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["DeletionProtectionEnabled"] == {"Ref": "DeletionProtection"}


@pytest.mark.parametrize("name", ["PortraitsTable", "JourneysTable", "DefinitionsTable"])
def test_the_attribute_that_expires_items_is_one_that_the_store_writes(name):
    attribute = of("AWS::DynamoDB::Table")[name]["TimeToLiveSpecification"]["AttributeName"]
    written = {**TABLES[name].get_attributes(), **BESIDE.get(name, {})}
    assert written[attribute].attr_type == "N"


def test_the_stream_wakes_trigger_only_for_changes_a_timer_or_an_erasure():
    stream = FUNCTIONS["TriggerFunction"]["Events"]["Changes"]["Properties"]
    attributes = PortraitItem.get_attributes()

    assert [json.loads(each["Pattern"]) for each in stream["FilterCriteria"]["Filters"]] == [
        {"dynamodb": {"NewImage": {name: {attributes[name].attr_type: [{"exists": True}]}}}}
        for name in ("changes", "timer", "erased_at")
    ]


def test_the_api_lets_browsers_send_every_header_that_clients_use():
    (api,) = of("AWS::ApiGatewayV2::Api").values()
    cors = api["CorsConfiguration"]

    assert cors["AllowHeaders"] == CLIENT_HEADERS  # a wildcard would not cover authorization
    assert cors["AllowOrigins"] == ["*"]
    assert cors["MaxAge"] >= 900


@pytest.mark.parametrize("name", of("AWS::IAM::Role"))
def test_a_role_names_its_verbs_and_what_they_are_for(name):
    (policy,) = of("AWS::IAM::Role")[name]["Policies"]
    for statement in policy["PolicyDocument"]["Statement"]:
        verbs = statement["Action"]
        verbs = {verbs} if isinstance(verbs, str) else set(verbs)
        assert not any("*" in verb for verb in verbs - {"sqs:SendMessage*"})
        if statement["Resource"] == "*":
            assert verbs == {"dynamodb:ListStreams"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_function_shares_its_role(name):
    role = name.removesuffix("Function") + "Role"
    assert FUNCTIONS[name]["Role"] == {"Fn::GetAtt": [role, "Arn"]}


@pytest.mark.parametrize("environment", ["default", "prod"])
def test_samconfig_sets_parameters_that_exist(environment):
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    overrides = config[environment]["deploy"]["parameters"]["parameter_overrides"]
    assert {each.partition("=")[0] for each in overrides} <= TEMPLATE["Parameters"].keys()
