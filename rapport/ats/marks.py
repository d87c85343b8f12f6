"""Marks by which a note that we have written is found again: an ATS keeps no keys of ours."""

import hashlib

# 60 bits: no clash among the notes of one person, and short enough to be read past.
_LETTERS = 15
# 32 bits tell one wording of a note from the one before.
_WORDING = 8


def marked(text: str, key: str) -> str:
    """A note's text with the line that makes it findable, and says which wording it is."""
    return f"{text.rstrip()}\n\n[Rapport {_mark(key)} {wording(text)}]"


def holds(text: str | None, key: str) -> bool:
    """Whether a note is of this key, whatever its wording, also after the ATS has wrapped it in markup."""
    return f"[Rapport {_mark(key)}" in (text or "")


def says(text: str | None, key: str, words: str) -> bool:
    """Whether a note is the one of this key with these words."""
    return f"[Rapport {_mark(key)} {wording(words)}]" in (text or "")


def wording(text: str) -> str:
    """What tells these words from others; it says nothing of what they are."""
    return hashlib.sha256(text.rstrip().encode()).hexdigest()[:_WORDING]


def _mark(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:_LETTERS]
