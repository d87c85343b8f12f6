"""Everybody gets a mail in the nearest language that it is written in."""

import pytest

from rapport.errors import NotFound
from rapport.mail.variants import choose_variant


@pytest.mark.parametrize(
    ("locale", "available", "expected"),
    [
        ("de-AT", ["welcome", "welcome.de"], "welcome.de"),
        ("de_AT.UTF-8", ["welcome", "welcome.de", "welcome.de-at"], "welcome.de-at"),
        ("en-GB", ["welcome", "welcome.de"], "welcome"),
        ("fr", ["welcome", "welcome.de"], "welcome"),
        (None, ["welcome", "welcome.de"], "welcome"),
        ("fr", ["welcome.en", "welcome.de"], "welcome.en"),
        ("PT-br", ["welcome", "welcome.pt-BR"], "welcome.pt-BR"),
        ("de", ["welcome", "welcomes.de"], "welcome"),
    ],
)
def test_the_nearest_language_is_chosen(locale: str | None, available: list[str], expected: str) -> None:
    """An Austrian reads German; who has no variant reads the default."""
    assert expected == choose_variant("welcome", locale, available, "en")


def test_a_mail_that_is_not_there_is_named() -> None:
    """A mail without any text is an error that says so."""
    with pytest.raises(NotFound, match="welcome"):
        choose_variant("welcome", "de", ["nudge"], "en")
