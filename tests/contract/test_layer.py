"""The layer holds what the lock says and what the code uses, and nothing it uses was cut away."""

import ast
import json
import re
import subprocess
import sys
import sysconfig

import botocore.session
import pytest
from botocore import xform_name

from tests.contract.conftest import FUNCTIONS
from tests.contract.package import IMPORT, breaches, packages, without_bytecode
from tests.demo.build import build, here, revision
from tests.demo.environments import ROOT

CORE = ROOT / "layers/core"
SOURCES = [*(CORE / "portrait").rglob("*.py"), *(ROOT / "functions").rglob("*.py")]
TREES = [ast.parse(path.read_text()) for path in SOURCES]
BY_MODEL = {  # how the store asks PynamoDB for each operation
    "BatchGetItem": r"Item\.batch_get\(",
    "BatchWriteItem": r"\.batch_write\(",
    "DescribeTable": r"Item\.describe_table\(",
    "DeleteItem": r"Item.*\.delete\(",
    "GetItem": r"Item\.get\(",
    "PutItem": r"\.save\(condition=",
    "Query": r"Item\.(by_\w+\.)?(query|count)\(",
    "Scan": r"Item\.(by_\w+\.)?scan\(",
    "TransactGetItems": r"TransactGet\(",
    "TransactWriteItems": r"TransactWrite\(",
    "UpdateItem": r"Item.*\.update\(",
}
ARGUMENTS = {  # what the addresses are made from
    "BatchGetItem": {"RequestItems": {"table": {}}},
    "CreateSchedule": {"Name": "timer"},
    "DeleteSchedule": {"Name": "timer"},
    "GetObject": {"Bucket": "data", "Key": "key"},
    "PutObject": {"Bucket": "data", "Key": "key", "Body": "text"},
    "TransactWriteItems": {"TransactItems": []},
}
CALL_ALL = """
import json, sys
sys.path.insert(0, sys.argv[1])
import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.config import Config
class Body:
    def __init__(self, request):
        self.is_query = b"form" in (request.headers.get("Content-Type") or b"")
    def stream(self): yield b"<ErrorResponse/>" if self.is_query else b""
session = botocore.session.get_session()
session.set_credentials("key", "secret")
session.register(
    "before-send", lambda request, **_: AWSResponse(request.url, 400, {}, Body(request))
)
config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
for service, method, arguments in json.loads(sys.argv[2]):
    client = session.create_client(service, region_name="eu-central-1", config=config)
    try:
        getattr(client, method)(**arguments)
    except client.exceptions.ClientError as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
"""
TELL_REVISION = """
import sys
sys.path[:0] = sys.argv[1:]
from models.revision import revision
print(revision(), end="")
"""
WITHOUT = """
import sys
from importlib import import_module
sys.modules.update(dict.fromkeys(sys.argv[1].split(",")))
for module in sys.argv[2:]:
    import_module(module)
"""


def declared():
    """Return OPERATIONS of layers/core/slim.py, which is a program and not on any path."""
    program = ast.parse((CORE / "slim.py").read_text())
    (value,) = (
        node.value
        for node in program.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "OPERATIONS"
    )
    return ast.literal_eval(value)


OPERATIONS = declared()
CALLED = {
    node.func.attr
    for tree in TREES
    for node in ast.walk(tree)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    if ast.unparse(node.func.value) != "socket"
}


@pytest.fixture(scope="module")
def built():
    return packages(build(here()))


def test_requirements_are_those_of_the_lock():
    export = ["sh", str(ROOT / "layers/export.sh"), "--check"]
    assert subprocess.run(export).returncode == 0, "uv.lock has changed: run make lock"


@pytest.mark.parametrize("service", OPERATIONS.keys() - {"dynamodb"})
def test_the_operations_that_are_kept_are_those_that_the_code_calls(service):
    offered = botocore.session.get_session().get_service_model(service).operation_names
    assert {name for name in offered if xform_name(name) in CALLED} == OPERATIONS[service]


def test_the_operations_that_are_kept_are_those_that_the_tables_need():
    store = "".join(path.read_text() for path in SOURCES if path.parent.name == "store")
    needed = {name for name, pattern in BY_MODEL.items() if re.search(pattern, store)}
    assert needed == OPERATIONS["dynamodb"]


def test_every_client_is_of_a_service_that_is_kept():
    made = {
        node.args[0].value
        for tree in TREES
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("client") and node.args
        if isinstance(node.args[0], ast.Constant)
    }
    assert made | {"dynamodb"} == OPERATIONS.keys()


def test_every_operation_still_works_on_what_is_left_of_botocore(built):
    cases = [
        (service, xform_name(name), ARGUMENTS.get(name, {}))
        for service, names in OPERATIONS.items()
        for name in names
    ]
    run_bare(CALL_ALL, built[0].path[1], json.dumps(cases))


def test_the_built_handler_needs_nothing_but_its_package(built, function):
    (package,) = (each for each in built if each.name == function)
    # On this machine the layer of science is empty: make check imports from that for Lambda.
    science = [sysconfig.get_path("purelib")] if package.science else []
    run_bare(IMPORT, package.handler.rpartition(".")[0], *package.path, *science)


@pytest.mark.parametrize(
    ("functions", "absent"),
    [
        (FUNCTIONS.keys() - {"ScoreFunction", "RetrainFunction"}, ["numpy", "models"]),
        ({"ScoreFunction"}, ["sklearn", "scipy", "joblib"]),
    ],
    ids=["all but two need no numpy", "score needs numpy alone"],
)
def test_nobody_needs_more_of_science_than_what_it_does(functions, absent):
    modules = [FUNCTIONS[name]["Handler"].rpartition(".")[0] for name in sorted(functions)]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, ",".join(absent), *modules],
        env={"PYTHONPATH": f"{ROOT}:{CORE}", "AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_the_built_packages_are_what_lambda_takes(built):
    target = here()
    for package in built:
        # This build is for this machine; make check builds for that of Lambda.
        assert [fault for fault in breaches(package, target) if "glibc" not in fault] == []
        assert without_bytecode(package, target) == 0


def test_the_built_models_say_of_which_commit_they_are(built):
    (package,) = (each for each in built if each.name == "RetrainFunction")
    told = run_bare(TELL_REVISION, *package.path)
    assert told == revision()
    assert re.fullmatch(r"([0-9a-f]{40}(-dirty)?)?", told)


def test_no_built_file_is_shared_with_the_cache_of_an_installer(built):
    # What slim.py cuts would be cut there too, and from every environment that was made of it.
    assert [path for path in built[0].files() if path.stat().st_nlink > 1] == []


def run_bare(program, *arguments):
    """Run a program in an interpreter that has no site-packages and none of our variables."""
    bare = [sys.executable, "-I", "-S", "-W", "error", "-c", program, *arguments]
    done = subprocess.run(
        bare, env={"AWS_DEFAULT_REGION": "us-east-1"}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
