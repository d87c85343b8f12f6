"""The words of the pages that candidates see, one file for each language; translators need no Python."""

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "layouts" / "words"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWords:
    """One language; `{organization}`, `{purpose}`, `{day}` and `{until}` are filled in."""

    title: str
    question: str
    agreed: str
    agreed_until: str
    unasked: str
    save: str
    saved: str
    renew: str
    renewed: str
    pause_title: str
    pause_text: str
    pause: str
    pausing: str
    paused: str
    resume: str
    resumed: str
    stop_title: str
    stop_text: str
    stop: str
    stopping: str
    stopped: str
    outdated: str
    closed_title: str
    closed_text: str
    forgotten_title: str
    forgotten_text: str
    privacy: str
    ask_title: str
    ask_text: str
    unsubscribe: str
    instead: str
    unsubscribed_title: str
    unsubscribed_text: str
    again: str


NAMES = tuple(item.name for item in fields(PageWords))


@cache
def page_words(language: str) -> PageWords:
    """The words of one of `rapport.usecases.consent_text.LANGUAGES`."""
    return PageWords(**tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8")))
