"""Dialogues and sending under faults: who is written to, and whether that is as it must be."""
