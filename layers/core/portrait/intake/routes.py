"""Where each path leads. One look-up in a dict: no route has parameters but the settings."""

import re
from collections.abc import Callable, Mapping

from portrait.faults import Rejected, Unavailable
from portrait.intake import access, answers
from portrait.intake.answers import Answer
from portrait.intake.batches import Delivery
from portrait.intake.collection import Outside, collect, deliver
from portrait.intake.pixels import pixel_call
from portrait.intake.requests import Request
from portrait.intake.settings_documents import rudder_settings, segment_settings

Serve = Callable[[Request, Outside], Answer]

SETTINGS_SECONDS = 300
_SEGMENT_SETTINGS = re.compile(r"(?:/v1)?/projects/([^/]+)/settings")


def respond(request: Request, outside: Outside) -> Answer:
    """Answer a request, also one that fails."""
    route = request.path if request.path in ROUTES else "other"  # paths can carry keys: no others
    try:
        answer = _find(request)(request, outside)
    except Rejected as fault:
        answer = answers.refused(fault)
    except Unavailable:
        answer = answers.unavailable()
    return answer._replace(facts={"route": route, **answer.facts})


def _find(request: Request) -> Serve:
    if request.method == "OPTIONS":  # API Gateway answers it before us where CORS is set up
        return _nothing
    if _SEGMENT_SETTINGS.fullmatch(request.path):
        methods: Mapping[str, Serve] = {"GET": _segment_settings}
    else:
        methods = ROUTES.get(request.path, {})
    if not methods:
        raise Rejected("unknown_route", "there is nothing at this path")
    if request.method not in methods:
        raise Rejected("wrong_method", f"this path takes {' and '.join(methods)}")
    return methods[request.method]


def _call(kind: str | None) -> Serve:
    return lambda request, outside: collect(
        request, outside, key=access.basic_key(request), kind=kind
    )


def _beacon(request: Request, outside: Outside) -> Answer:
    # navigator.sendBeacon cannot set headers.
    key = request.query.get("writeKey") or access.basic_key(request)
    return collect(request, outside, key=key, kind=None)


def _pixel(kind: str) -> Serve:
    def serve(request: Request, outside: Outside) -> Answer:
        try:
            key = request.query.get("writeKey", "")
            source = access.open_source(outside.catalogue(), key, request)
            delivery = Delivery([pixel_call(request.query)], key, None)
            answer = deliver(delivery, request, outside, source=source, kind=kind)
        except Rejected as fault:
            answer = answers.refused(fault)
        except Unavailable:
            answer = answers.unavailable()
        return answers.as_pixel(answer)

    return serve


def _segment_settings(request: Request, outside: Outside) -> Answer:
    match = _SEGMENT_SETTINGS.fullmatch(request.path)
    key = match[1] if match else ""
    access.open_source(outside.catalogue(), key, request)
    base_url = outside.public_url or request.base_url
    return answers.document(segment_settings(key, base_url), max_age_seconds=SETTINGS_SECONDS)


def _rudder_settings(request: Request, outside: Outside) -> Answer:
    key = request.query.get("writeKey") or access.basic_key(request)
    source = access.known_source(outside.catalogue(), key)
    return answers.document(rudder_settings(key, source), max_age_seconds=SETTINGS_SECONDS)


def _dropped(request: Request, outside: Outside) -> Answer:
    """Take what clients say about themselves and keep none of it."""
    return Answer(200)


def _nothing(request: Request, outside: Outside) -> Answer:
    return Answer(204, "", {})


_CALLS: dict[str, str | None] = {
    "/v1/identify": "identify",
    "/v1/i": "identify",
    "/v1/track": "track",
    "/v1/t": "track",
    "/v1/page": "page",
    "/v1/p": "page",
    "/v1/screen": "screen",
    "/v1/s": "screen",
    "/v1/group": "group",
    "/v1/g": "group",
    "/v1/alias": "alias",
    "/v1/a": "alias",
    "/v1/batch": None,
    "/v1/b": None,
    "/v1/import": None,
}
ROUTES: dict[str, dict[str, Serve]] = {
    **{path: {"POST": _call(kind)} for path, kind in _CALLS.items()},
    "/beacon/v1/batch": {"POST": _beacon},
    "/pixel/v1/page": {"GET": _pixel("page")},
    "/pixel/v1/track": {"GET": _pixel("track")},
    "/v1/m": {"POST": _dropped},
    "/rsaMetrics": {"POST": _dropped},
    "/sourceConfig": {"GET": _rudder_settings},
    "/health": {"GET": _dropped},
}
