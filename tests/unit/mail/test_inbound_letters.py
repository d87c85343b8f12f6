"""Servers, mail programs and people of many countries are understood, each in its own words."""

import json
from datetime import date
from pathlib import Path

import pytest

from rapport.mail.classify import as_json
from rapport.mail.inbound import read_inbound
from rapport.mail.reply_opt_out import opt_out_in
from tests.unit.mail.answers import CORPUS, QUOTE, a_mail
from tests.unit.mail.builders import SIGNER

LETTERS = Path(__file__).parent / "letters"
EXPECTED = json.loads((LETTERS / "expected.json").read_text())


@pytest.mark.parametrize("name", EXPECTED)
def test_every_letter_is_taken_for_what_it_is(name: str) -> None:
    """Machines are not answered, people are, and whoever cannot be reached is left alone."""
    mail = read_inbound((LETTERS / name).read_bytes(), None, SIGNER)

    said = as_json(mail)
    assert EXPECTED[name] == {word: said[word] for word in EXPECTED[name]}, mail.reasons
    assert all(mail.reasons)


def test_every_letter_has_its_answer() -> None:
    """A letter that nobody judges proves nothing."""
    assert set(EXPECTED) == {str(path.relative_to(LETTERS)) for path in LETTERS.rglob("*.eml")}


@pytest.mark.parametrize("name", ["exim-still-trying", "gmail-delivery-incomplete", "sendmail-a-warning"])
def test_a_server_that_still_tries_is_no_bounce_yet(name: str) -> None:
    """Nothing is counted against an address as long as the server has hope."""
    assert read_inbound((LETTERS / "bounces" / f"{name}.eml").read_bytes(), None, SIGNER).delayed


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of reply texts is not here")
def test_no_real_reply_is_taken_for_a_machine_or_a_wish_to_leave() -> None:
    """Whatever program people write with, without any header to help."""
    taken = {
        path.name: (mail.kind, mail.opt_out)
        for path in (CORPUS / "reply-text").glob("*.txt")
        if (mail := read_inbound(a_mail(path.read_text(errors="replace")), None, SIGNER)).kind != "reply"
        or mail.opt_out is not None
    }

    assert taken == {}


@pytest.mark.parametrize(
    "text",
    [
        *("STOP", "Stop.", "unsubscribe", "Unsubscribe\nAda", "Please unsubscribe me from this list.\n\nThanks,\nAda"),
        *(
            "remove me",
            "Remove me from your mailing list",
            "opt out",
            "Take me off your list please",
            "No more emails!",
        ),
        *("Don't email me again!", "Please stop sending me emails", "stop\n\nSent from my iPhone"),
        *("Bitte austragen", "Hallo Anna,\n\nbitte tragen Sie mich aus.\n\nViele Grüße\nAda", "abmelden"),
        *("Bitte nehmen Sie mich aus Ihrem Verteiler.", "Keine weiteren Mails bitte"),
        *("désabonnez-moi svp", "Désinscription", "Darme de baja por favor", "Baja", "Cancellami", "Disiscrivetemi"),
        *("graag afmelden", "Uitschrijven", "Cancelar inscrição", "Proszę o wypisanie mnie z listy", "Wypisz mnie"),
    ],
)
def test_whoever_says_only_that_they_want_no_more_is_taken_at_their_word(text: str) -> None:
    """Nobody has to look for the link."""
    assert "everything" == opt_out_in(text)


@pytest.mark.parametrize(
    "text", ["No longer interested, thanks", "Kein Interesse mehr.", "I'm not interested", "Not for me"]
)
def test_a_no_to_the_offer_ends_the_sequence_and_nothing_else(text: str) -> None:
    """Somebody who declines a job has not asked to be forgotten."""
    assert "sequence" == opt_out_in(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Please unsubscribe me, but keep my application for the backend role, which I still want.", "mentioned"),
        ("Ich finde das spannend, aber können Sie mich aus Ihrem Verteiler nehmen und nur anrufen?", "mentioned"),
        ("Can you stop by on Monday?", None),
        ("I love it. Don't stop!", None),
        ("Let's talk!\n\n--\nAcme Ltd. To unsubscribe from our news write to news@acme.example", None),
        ("", None),
    ],
)
def test_a_wish_within_a_longer_text_is_read_by_a_person(text: str, expected: str | None) -> None:
    """A machine that guesses wrong here would silence somebody who wants a job."""
    assert expected == opt_out_in(text)


def test_what_is_quoted_is_nobodys_wish() -> None:
    """The unsubscribe line of our own mail stands below every answer."""
    quoted = QUOTE + "> unsubscribe\n> STOP\n"

    assert read_inbound(a_mail("Yes, gladly!" + quoted), None, SIGNER).opt_out is None
    assert "everything" == read_inbound(a_mail("stop" + quoted), None, SIGNER).opt_out


def test_an_empty_answer_may_say_it_in_the_subject() -> None:
    """Mail programs write `unsubscribe` there when they do it for somebody."""
    assert "everything" == read_inbound(a_mail("", Subject="unsubscribe"), None, SIGNER).opt_out
    assert read_inbound(a_mail("Yes!", Subject="Re: Stop sending CVs"), None, SIGNER).opt_out is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Je suis absent jusqu'au 16 mars inclus.", date(2026, 3, 17)),
        ("De retour le 1er avril.", date(2026, 4, 1)),
        ("Estaré de vuelta el lunes 16 de marzo.", date(2026, 3, 16)),
        ("Rientrerò in ufficio il 16 marzo.", date(2026, 3, 16)),
        ("Ik ben terug op 16 maart.", date(2026, 3, 16)),
        ("Afwezig t/m 15-03-2026.", date(2026, 3, 16)),
        ("Volto no dia 16 de março.", date(2026, 3, 16)),
        ("Wracam do biura 16 marca.", date(2026, 3, 16)),
        ("Jestem na urlopie do 16 marca 2026.", date(2026, 3, 16)),
        ("I am out until Monday.", date(2026, 3, 16)),
        ("I will be back on Wednesday.", date(2026, 3, 18)),
        ("Ich bin am Montag wieder da, zurück am Montag, den 16. März.", date(2026, 3, 16)),
        ("Back in the office on Monday, 23 March.", date(2026, 3, 23)),
    ],
)
def test_the_day_of_return_is_read_in_eight_languages(text: str, expected: date) -> None:
    """Mails wait until the person is back, whatever they speak."""
    raw = a_mail(text, Subject="Automatic reply", Date="Wed, 11 Mar 2026 10:00:00 +0000")

    assert expected == read_inbound(raw, None, SIGNER).back_on
