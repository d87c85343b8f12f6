"""The words of the candidate's pages: one file for each language, none of them with a hole."""

import re

import pytest

from api.page_words import NAMES, page_words
from rapport.usecases.consent_text import LANGUAGES


def _holes(text: str) -> set[str]:
    return set(re.findall(r"\{(\w*)\}", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_translation_fills_in_the_same_things(language: str) -> None:
    """A translator who forgets the date, or a whole line, hears of it here."""
    words, english = page_words(language), page_words("en")

    assert {name: _holes(getattr(english, name)) for name in NAMES} == {
        name: _holes(getattr(words, name)) for name in NAMES
    }
    assert all(getattr(words, name).strip() for name in NAMES)
