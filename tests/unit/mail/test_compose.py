"""The mail that leaves: every header as mail programs want it, and the same bytes each time."""

import os
import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.errors import ConfigurationError
from rapport.mail.compose import compose
from rapport.mail.draft import Composed, Draft, Thread
from rapport.mail.tokens import Token
from tests.unit.mail.builders import SIGNER, a_draft, a_source, about
from tests.unit.mail.test_render import HOSTILE

GOLDEN = Path(__file__).parent / "golden" / "welcome.eml"
ONE_LINE_ONLY = (
    b"List-Unsubscribe",
    b"List-Unsubscribe-Post",
    b"References",
    b"In-Reply-To",
    b"Message-ID",
    b"List-Id",
)


def parsed(mail: Composed) -> EmailMessage:
    """The mail as a receiver reads it."""
    return message_from_bytes(mail.raw, policy=policy.default)


def header_lines(mail: Composed) -> list[bytes]:
    """The raw header lines, folded ones as they are."""
    return mail.raw.partition(b"\r\n\r\n")[0].split(b"\r\n")


def names(mail: Composed) -> list[str]:
    """The names of the headers in their order."""
    return [name for name, _ in parsed(mail).raw_items()]


def test_a_whole_mail_byte_by_byte() -> None:
    """Every byte of the welcome mail is as it was reviewed."""
    mail = compose(a_draft(track_opens=True))
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_bytes(mail.raw)

    assert GOLDEN.read_bytes() == mail.raw


def test_the_same_draft_gives_the_same_bytes() -> None:
    """A retry sends the very same mail."""
    assert compose(a_draft()) == compose(a_draft())


def test_the_same_instant_in_another_zone_gives_the_same_bytes() -> None:
    """The date is written in UTC, wherever the worker runs."""
    abroad = a_draft().date.astimezone(timezone(timedelta(hours=5, minutes=30)))

    assert compose(a_draft()).raw == compose(a_draft(date=abroad)).raw


def test_tokens_lead_back_to_the_send() -> None:
    """Reply, bounce, unsubscribe, preferences and click all carry the number of the send."""
    mail = compose(a_draft(track_opens=True))
    found = {SIGNER.read(text) for text in re.findall(r"[+/]([A-Za-z0-9_-]{28})(?=[@.\"\s?)>])", mail.html + mail.text)}
    headers = str(parsed(mail)["Reply-To"]) + mail.envelope_sender + str(parsed(mail)["List-Unsubscribe"])
    found |= {SIGNER.read(text) for text in re.findall(r"[+/]([A-Za-z0-9_-]{28})[@>]", headers)}

    assert {
        Token(kind="click", send=42, number=1),
        Token(kind="open", send=42),
        Token(kind="unsubscribe", send=42),
        Token(kind="preferences", send=42),
        Token(kind="reply", send=42),
        Token(kind="bounce", send=42),
    } == found


def test_one_click_unsubscribe_stands_on_one_line_in_plain_ascii() -> None:
    """Mail programs show their unsubscribe button only for headers that they can read."""
    thread = Thread(references=tuple(f"<send.{n}.{'a' * 20}@mail.acme.example>" for n in range(30)), subject="Hi")
    lines = header_lines(compose(a_draft(thread=thread)))

    for name in ONE_LINE_ONLY:
        index = next(index for index, line in enumerate(lines) if line.startswith(name + b": "))
        assert b"=?" not in lines[index]
        assert not lines[index + 1].startswith((b" ", b"\t"))
    assert max(map(len, lines)) <= 998
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
    assert any(
        re.fullmatch(rb"List-Unsubscribe: <https://\S+/u/\S{28}>, <mailto:u\+\S{28}@\S+>", line) for line in lines
    )


def test_the_headers_and_no_other() -> None:
    """No header makes a personal mail look like a machine's, or tells more than it must."""
    assert [
        *("From", "Reply-To", "To", "Subject", "Date", "Message-ID", "References", "List-Unsubscribe"),
        *("List-Unsubscribe-Post", "List-Id", "Feedback-ID", "X-Rapport-Send", "MIME-Version", "Content-Type"),
    ] == names(compose(a_draft()))


def test_a_follow_up_joins_the_thread() -> None:
    """Mail programs show the nudge below the welcome mail."""
    first = compose(a_draft())
    thread = Thread(references=(*first.references, first.message_id), subject=first.subject)
    second = compose(a_draft(send_id=43, thread=thread))

    assert f"Re: {first.subject}" == second.subject
    assert first.message_id == parsed(second)["In-Reply-To"]
    assert [*first.references, first.message_id] == str(parsed(second)["References"]).split()
    assert f"Re: {first.subject}" == compose(a_draft(thread=Thread(references=(), subject=second.subject))).subject


def test_names_and_subjects_in_any_script_arrive_as_they_are() -> None:
    """Umlauts and emoji reach the reader, in encoded words of the allowed length."""
    subject = "Grüße aus Köln 🎉 " * 12 + "Ende"
    mail = compose(a_draft(source=a_source(subject=subject), to_name="Jürgen, Ph.D.", sender_name='"Zoë" (HR) 東京'))

    assert " ".join(subject.split()) == parsed(mail)["Subject"]
    assert parsed(mail)["To"].addresses[0].display_name == "Jürgen, Ph.D."
    assert parsed(mail)["From"].addresses[0].display_name == '"Zoë" (HR) 東京'
    assert all(len(word) <= 75 for word in re.findall(rb"=\?[^ \r\n]*\?=", mail.raw))


def test_names_stay_text_in_the_frame_around_the_mail() -> None:
    """A name in the subject is no markup in the page's title, and neither is one in the preheader or the reason."""
    source = replace(a_source(), preheader="{{ candidate.first_name }}")
    page = compose(a_draft(source=source, context=about("<em>x</em>"), reason_line="<em>x</em>")).html

    assert "<em>" not in page
    assert page.count("&lt;em&gt;x&lt;/em&gt;") == 3


@pytest.mark.parametrize("name", ['Ann "A" \\ Koch, HR', "Koch (HR) <x@y.test>", "=?utf-8?q?x?=", "a@b.test", ";:,.[]"])
def test_a_name_with_marks_in_it_stays_one_name(name: str) -> None:
    """Quotes, commas and brackets in a name add no second address."""
    found = parsed(compose(a_draft(to_name=name)))["To"].addresses

    assert [(name, "ada@candidate.test")] == [(address.display_name, address.addr_spec) for address in found]


@given(st.text() | st.sampled_from(HOSTILE), st.text() | st.sampled_from(HOSTILE))
def test_nothing_that_people_type_adds_a_header_or_a_part(name: str, title: str) -> None:
    """A name with line breaks in it cannot add a Bcc."""
    plain = compose(a_draft())
    draft = a_draft(context=about(name), to_name=name, sender_name=title)
    mail = compose(draft)

    assert names(plain) == names(mail)
    assert len(list(parsed(mail).iter_parts())) == 2
    assert [plain.recipient] == [found.addr_spec for found in parsed(mail)["To"].addresses]
    assert [found.addr_spec for found in parsed(mail)["From"].addresses] == ["anna@mail.acme.example"]
    assert re.search(rb"(?<!\r)\n|\r(?!\n)|\0", mail.raw) is None
    assert max(map(len, mail.raw.split(b"\r\n"))) <= 998


def test_the_parts_are_text_first_and_html_last() -> None:
    """Programs without HTML show the text; all others the page."""
    parts = [
        (part.get_content_type(), part["Content-Transfer-Encoding"]) for part in parsed(compose(a_draft())).iter_parts()
    ]

    assert parts == [("text/plain", "quoted-printable"), ("text/html", "quoted-printable")]


def test_every_mail_tells_who_writes_and_how_to_leave() -> None:
    """The law wants a way out, a reason and a postal address, in both parts."""
    mail = compose(a_draft())

    for part in (mail.text, mail.html.replace("&#39;", "'")):
        for words in ("Unsubscribe", "because you joined Acme's", "Musterstr. 1, 10115 Berlin", "acme.example/privacy"):
            assert words in part


def test_the_page_is_fit_for_screen_readers_and_dark_screens() -> None:
    """Language, title and table roles are there, and styles stand beside the elements."""
    page = compose(a_draft()).html

    assert '<html lang="en">' in page
    assert "<title>Welcome, Ada</title>" in page
    assert page.count("<table") == page.count('role="presentation"')
    assert '<meta name="color-scheme" content="light dark">' in page
    assert "prefers-color-scheme: dark" in page
    assert 'style="color: #0b57d0;"' in page
    assert len(page) < 102_000


@pytest.mark.parametrize(
    ("language", "words"), [("de-AT", "Abmelden"), ("fr", "Se désabonner"), ("tlh", "Unsubscribe")]
)
def test_the_frame_speaks_the_language_of_the_mail(language: str, words: str) -> None:
    """The words around the mail are in its language where we know them."""
    mail = compose(a_draft(language=language))

    assert f'lang="{language}"' in mail.html
    assert words in mail.text


def test_opens_are_measured_only_with_consent() -> None:
    """Without consent to tracking there is no pixel; with it, it is the last thing and needs no alt text."""
    without, with_consent = compose(a_draft()), compose(a_draft(track_opens=True))

    assert "<img" not in without.html
    assert re.search(r'<img src="https://go.acme.example/o/\S{28}\.gif" alt=""[^>]*>\s*</body>', with_consent.html)


def no_postal_address(draft: Draft) -> dict[str, Any]:
    """An organization that has not said where it is."""
    return {"organization": replace(draft.organization, postal_address=" ")}


def test_no_mail_leaves_without_a_postal_address() -> None:
    """The law wants an address in every mail to many."""
    with pytest.raises(ConfigurationError, match="postal address"):
        compose(a_draft(**no_postal_address(a_draft())))


def test_an_unknown_layout_is_named() -> None:
    """A misspelled layout is an error that says so."""
    with pytest.raises(ConfigurationError, match="'brnad'"):
        compose(a_draft(source=replace(a_source(), layout="brnad")))


def test_personal_data_is_not_in_the_printed_form() -> None:
    """A log line about a draft or a mail names nobody."""
    shown = repr(a_draft()) + repr(compose(a_draft()))

    assert "ada@candidate.test" not in shown
    assert "Byron" not in shown
    assert "Ada" not in shown


def test_dates_before_the_year_2000_and_after_2038_are_written() -> None:
    """The date is the walk's, also in a test that jumps far ahead."""
    far = datetime.fromisoformat("2039-01-01T00:00:00+00:00")

    assert parsed(compose(a_draft(date=far)))["Date"] == "Sat, 01 Jan 2039 00:00:00 +0000"
