"""Marks by which a note that we have written is found again: an ATS keeps no keys of ours."""

import hashlib

# 60 bits: no clash among the notes of one person, and short enough to be read past.
_LETTERS = 15


def marked(text: str, key: str) -> str:
    """A note's text with the line that makes it findable."""
    return f"{text.rstrip()}\n\n{mark(key)}"


def mark(key: str) -> str:
    """The line of one key; it says nothing of what the key holds."""
    return f"[Rapport {hashlib.sha256(key.encode()).hexdigest()[:_LETTERS]}]"


def holds(text: str | None, key: str) -> bool:
    """Whether a note is the one of this key, also after the ATS has wrapped it in markup."""
    return mark(key) in (text or "")
