"""Where a request to the callbacks function leads."""

from portrait.callbacks import clicks, webhooks
from portrait.callbacks.outside import Outside
from portrait.callbacks.webhooks import NotTrusted
from portrait.faults import Rejected, Unavailable
from portrait.intake import answers
from portrait.intake.answers import Answer
from portrait.intake.requests import Request

_NOT_TRUSTED = Answer(401, '{"success": false}', facts={"reason": "not_trusted"})
_NOT_HERE = Answer(404, '{"success": false}', facts={"reason": "unknown_route"})


def respond(request: Request, outside: Outside) -> Answer:
    """Answer a request, also one that fails."""
    if request.path.startswith(clicks.PREFIX):
        answer, route = clicks.follow(request, outside), clicks.PREFIX
    else:
        answer, route = _take(request, outside), webhooks.PREFIX
    body = "" if request.method == "HEAD" else answer.body
    return answer._replace(body=body, facts={"route": route, **answer.facts})


def _take(request: Request, outside: Outside) -> Answer:
    if not request.path.startswith(webhooks.PREFIX):
        return _NOT_HERE
    if request.method != "POST":
        return answers.refused(Rejected("wrong_method", "callbacks are posted"))
    try:
        return webhooks.take(request, outside)
    except NotTrusted:
        return _NOT_TRUSTED
    except Rejected as fault:
        return answers.refused(fault)
    except Unavailable:
        return answers.unavailable()
