"""Dialogues and sending under faults: who is written to, what became of it, and whether it is so."""
