"""Events in the query string of an image, as RudderStack's pixel takes them."""

from collections.abc import Mapping
from typing import Any

import msgspec

from portrait.intake.values import MAX_DEPTH


def pixel_call(query: Mapping[str, str]) -> bytes:
    """Return the query as the JSON of a call: `context.page.url=…` becomes nested objects.

    Source: rudder-server, `gateway/handle_http_pixel.go`.
    """
    call: dict[str, Any] = {}
    for path, text in query.items():
        *parents, name = path.split(".", MAX_DEPTH)  # deeper is refused by whoever reads it
        place = call
        for parent in parents:
            place = place.setdefault(parent, {})
            if not isinstance(place, dict):
                break
        else:
            place[name] = text
    anonymous_id = call.get("anonymousId")
    if isinstance(anonymous_id, str):
        call["anonymousId"] = anonymous_id.strip('"')
    return msgspec.json.encode(call)
