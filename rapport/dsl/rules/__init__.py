"""The rules that a schema cannot state: one function per rule, each module lists its own in RULES."""
