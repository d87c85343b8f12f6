"""Sequences and texts of any size: as large as a file may be that is read at all."""

HEAD = """schema: 1
title: Hostile
owner: anna-koch
purpose: nurture
defaults: {from: talent-team}
exit: [{replied: any}]
"""
KILOBYTE = 1024
# The largest files that are read at all.
SEQUENCE_SIZE = 256 * KILOBYTE
MAIL_SIZE = 64 * KILOBYTE


def steps(*lines: str) -> str:
    """A sequence of these steps."""
    return HEAD + "steps:\n" + "\n".join(lines) + "\n"


def filled(unit: str, size: int, before: str = "", after: str = "") -> str:
    """One piece of text over and over, up to a size."""
    return before + unit * ((size - len((before + after).encode())) // len(unit.encode())) + after
