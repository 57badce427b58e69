"""Definitions as people write them: documents, their checks, and how they are published."""
