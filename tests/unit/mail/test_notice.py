"""The notice in the first mail to people who did not give us their data themselves."""

from dataclasses import replace

import pytest

from rapport.mail.compose import compose
from rapport.mail.notice import Notice, notice_text
from tests.unit.mail.builders import a_draft

NOTICE = Notice(source="LinkedIn", purpose="Talent community mails")
ACME = a_draft().organization


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it", "nl"])
def test_everything_that_must_be_told_is_told(language: str) -> None:
    """Who is responsible, where the data come from, what for, on what ground, and where to read the rest."""
    text = "\n".join(notice_text(NOTICE, ACME, language).lines)

    for words in ("Acme", "Musterstr. 1, 10115 Berlin", "LinkedIn", "Talent community mails", "6", ACME.privacy_url):
        assert words in text
    assert "{" not in text


def test_every_language_says_as_much() -> None:
    """No translation leaves a line out."""
    lengths = {len(notice_text(NOTICE, ACME, language).lines) for language in ("en", "de", "fr", "es", "it", "nl")}

    assert {6} == lengths
    assert 5 == len(notice_text(NOTICE, replace(ACME, privacy_url=""), "en").lines)


def test_the_notice_speaks_the_language_of_the_mail() -> None:
    """Austrians read German; where we have no words, English."""
    titles = [notice_text(NOTICE, ACME, language).title for language in ("de-AT", "tlh")]

    assert ["Woher wir Ihre Daten haben", "How we got your data"] == titles


def test_another_legal_basis_is_named_as_the_list_had_it() -> None:
    """Only a legitimate interest has words of its own."""
    found = [
        notice_text(replace(NOTICE, basis=basis), ACME, "en").lines[2] for basis in ("contract", "legitimate_interest")
    ]

    assert "Legal basis: contract." in found[0]
    assert "our legitimate interest" in found[1]


def test_both_parts_of_the_mail_carry_it_above_the_signature() -> None:
    """Mail programs fold away what stands below the line of a signature."""
    mail = compose(a_draft(notice=NOTICE))

    assert mail.text.index("How we got your data") < mail.text.index("\n-- \n")
    assert "How we got your data" in mail.html
    assert "How we got your data" not in compose(a_draft()).html


def test_a_source_is_text_whatever_stands_in_the_list() -> None:
    """A list of people can add no markup to a mail."""
    page = compose(a_draft(notice=replace(NOTICE, source="<img src=x>"))).html

    assert "<img src=x>" not in page
    assert "&lt;img src=x&gt;" in page
