"""From bytes to events: what clients post, and what channel systems put on the queue."""

from portrait.intake.queue import queue_message

__all__ = ["queue_message"]
