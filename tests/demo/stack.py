"""The whole product on a local AWS: MiniStack as a child process, with the real template."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import botocore.session
from botocore.config import Config

from tests.demo.build import Target, build, here, sam
from tests.demo.gaps import close_gaps
from tests.demo.ministack import CREDENTIALS, REGION, ministack
from tests.demo.template import load

NAME = "portrait-local"
SESSION = botocore.session.Session()
MAKING_CLIENTS = threading.Lock()
API_ID = "portrait"
PARAMETERS = {
    "Stage": "local",
    "SenderEmail": "hello@shop.example",
    "WebhookPrivateHosts": "127.0.0.1",
    "DeletionProtection": "false",
    "RequireTls": "false",
    "LogRetentionDays": "1",
    # Each function at once is a process here, that unpacks the layer and imports it: two are enough
    "ProfileMaximumConcurrency": "2",
    "JourneyMaximumConcurrency": "2",
    "DispatchMaximumConcurrency": "2",
    "ScoreMaximumConcurrency": "2",
    "ScoreBatchWindowSeconds": "1",
}


@dataclass(frozen=True)
class Stack:
    """Where a deployed stack is, and how to talk to it.

    `outputs` holds every output of template.yaml by its name; `api_url` has no trailing slash.
    """

    endpoint_url: str
    api_url: str
    outputs: Mapping[str, str]
    region: str = REGION
    _clients: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def events_queue_url(self) -> str:
        return self.outputs["EventsQueueUrl"]

    @property
    def messages_queue_url(self) -> str:
        return self.outputs["MessagesQueueUrl"]

    @property
    def portraits_table(self) -> str:
        return self.outputs["PortraitsTableName"]

    @property
    def journeys_table(self) -> str:
        return self.outputs["JourneysTableName"]

    @property
    def definitions_table(self) -> str:
        return self.outputs["DefinitionsTableName"]

    @property
    def data_bucket(self) -> str:
        return self.outputs["DataBucketName"]

    @property
    def bus(self) -> str:
        return self.outputs["EventBusName"]

    @property
    def secret_arn(self) -> str:
        return self.outputs["SecretArn"]

    def client(self, service: str) -> Any:
        """Return a botocore client of this stack's AWS, made once per service; thread-safe."""
        with MAKING_CLIENTS:
            if service not in self._clients:
                self._clients[service] = aws_client(self.endpoint_url, service)
            return self._clients[service]


@contextmanager
def running_stack(
    *,
    environment: Mapping[str, str] | None = None,
    parameters: Mapping[str, str] | None = None,
    port: int = 0,
    log: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Iterator[Stack]:
    """Start MiniStack, deploy template.yaml into it, yield the stack, and leave no process behind.

    Args:
        environment: extra variables for MiniStack, and so for every handler (SSL_CERT_FILE …).
        parameters: template parameters beside or instead of PARAMETERS.
        port: where MiniStack listens on 127.0.0.1; 0 takes a free port.
        log: file for the output of MiniStack and of the handlers.
        say: told what is being done, before it is done.

    Raises:
        SetUpError: a step failed; its text is one sentence that says what to do.
    """
    say("building the template")
    target = here()
    template = build(target)
    say("starting MiniStack")
    with ministack(environment=environment, port=port, log=log) as url:
        say("deploying the stack")
        api_url = f"{url}/_aws/execute-api/{API_ID}"
        own = {"PublicUrl": api_url, **of(target)}
        chosen = PARAMETERS | own | dict(parameters or {})
        deploy(template, url, parameters=chosen, log=target.beside("deploy.log"))
        stack = Stack(url, api_url, outputs(url))
        close_gaps(stack.client, NAME, template=load())
        yield stack


def of(target: Target) -> dict[str, str]:
    return {"PythonRuntime": target.runtime, "Architecture": target.architecture}


def deploy(template: Path, url: str, *, parameters: Mapping[str, str], log: Path) -> None:
    """Create the stack with the SAM CLI, as it would be created in AWS."""
    aws_client(url, "s3").create_bucket(Bucket=NAME)
    sender = parameters["SenderEmail"]
    aws_client(url, "sesv2").create_email_identity(EmailIdentity=sender)
    sam(
        "deploy",
        *["--template-file", str(template), "--stack-name", NAME, "--s3-bucket", NAME],
        *["--no-resolve-s3", "--no-confirm-changeset", "--no-progressbar"],
        *["--capabilities", "CAPABILITY_IAM", "--tags", f"ms-custom-id={API_ID}"],
        *["--parameter-overrides", *(f"{name}={text}" for name, text in parameters.items())],
        environment=CREDENTIALS | {"AWS_ENDPOINT_URL": url},
        log=log,
    )


def outputs(url: str) -> dict[str, str]:
    (stack,) = aws_client(url, "cloudformation").describe_stacks(StackName=NAME)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def aws_client(url: str, service: str) -> Any:
    return SESSION.create_client(
        service,
        region_name=REGION,
        endpoint_url=url,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"total_max_attempts": 3}, max_pool_connections=32),
    )
