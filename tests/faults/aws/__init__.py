"""An AWS in this process, with real rules, a clock that stands still, and faults on demand."""

from tests.faults.aws.clock import Clock
from tests.faults.aws.cloud import Cloud
from tests.faults.aws.faults import Call, Crash, Faults, Script
from tests.faults.aws.installed import installed

__all__ = ["Call", "Clock", "Cloud", "Crash", "Faults", "Script", "installed"]
