"""The definitions table, in which each kind of item has shelves of its own beside the documents."""

from portrait.settings import get_settings
from portrait.store import session


class Shelves:
    """Where those items are and how long one waits for them: what the `Meta` of each inherits."""

    table_name = get_settings().definitions_table or "definitions"
    read_timeout_seconds = session.REQUEST_TIMEOUT_SECONDS
    connect_timeout_seconds = session.CONNECT_TIMEOUT_SECONDS
    max_retry_attempts = 1
