"""Of an answer only the new words count."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.mail.reply_text import has_quote, reply_text

CORPUS = Path(__file__).parents[4] / "shared" / "data" / "mail" / "reply-text"

# First and last words that a person wrote, found by reading the files.
EXPECTED = {
    "mpr-email_danish_1": ("Hej Peter", "Anders Andersen"),
    "mpr-email_danish_3": ("Hej,", "Svar."),
    "mpr-email_ja_1_2": ("田中様", "よろしくお願いいたします"),
    "mpr-email_nl_1_2": ("Outlook met een antwoord", "antwoord"),
    "mpr-email_pl_1_1": ("", ""),
    "mpr-email_sv_anon_1": ("Hej", "070-0000000"),
    "mpr-email_swedish_2": ("Hello Anna", "/John"),
    "mpr-multi_header": ("No problem.", "new order."),
    "zapier-email_1_4": ("Awesome!", "problem with it."),
    "zapier-email_1_7": (":+1:", ":+1:"),
    "zapier-email_1_8": ("I will reply under this one", "this is my signature"),
    "zapier-email_2_1": ("Outlook with a reply", "with a reply"),
    "zapier-email_2_2": ("Outlook with a reply", "directly above line"),
    "zapier-email_2_3": ("Outlook with a reply", "unusual format"),
    "zapier-email_gmail": ("This is a test", "github message."),
    "zapier-email_headers_no_delimiter": ("And another reply!", "reply!"),
    "zapier-email_iPhone": ("Here is another email", "Sent from my iPhone"),
    "zapier-email_partial_quote_header": ("On your remote host you can run:", "not working."),
    "zapier-greedy_on": ("On your remote host you can run:", "not working."),
    "zapier-pathological": ("I think you're onto something.", "back to a computer."),
}


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of reply texts is not here")
@pytest.mark.parametrize("name", EXPECTED)
def test_real_replies_lose_their_quotes(name: str) -> None:
    """In ten languages and as many mail programs, the new words stay and the old ones go."""
    first, last = EXPECTED[name]
    text = reply_text((CORPUS / f"{name}.txt").read_text())

    assert text.startswith(first)
    assert text.endswith(last)
    assert bool(text) == bool(first)


@given(st.text(alphabet=st.characters(codec="utf-8", categories=["L"]), min_size=1, max_size=50))
def test_words_without_a_quote_are_kept_as_they_are(words: str) -> None:
    """A short answer is not shortened further."""
    assert reply_text(words) == words
    assert not has_quote(words)


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    """Whatever is in a mail, what is kept was written in it."""
    kept = reply_text(text)

    assert all(line in text for line in kept.split("\n"))


@pytest.mark.parametrize(
    "attack",
    [
        *("\n" * 65_000, ">" * 65_000, "-" * 65_000, "_" * 65_000, "x" * 10_000_000),
        *("On Mon " * 9_000, "On Mon 1\n" * 7_000, "On x\n\n" * 10_000, "On a <" * 10_000, f"On 1 {'a@b ' * 15_000}"),
        *("> a\n" * 16_000, "From: a\n" * 8_000, "de: a\nenvoyé: b\n" * 4_000, "*From:* a\n*" * 5_000),
        *("2026年3月 " * 8_000, "w dniu 1 napisał " * 4_000, "am 1.1.2026 schrieb\n" * 3_000, "-----Original " * 4_000),
    ],
)
def test_time_grows_with_length_and_no_faster(attack: str) -> None:
    """A mail made to keep us busy does not."""
    began = time.process_time()
    reply_text(attack)

    assert time.process_time() - began < 1.5
