"""Every mail that comes back leads to the mail that it answers, and none stops the reader."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.mail.inbound import read_inbound
from rapport.mail.parsed import ParsedMail
from rapport.mail.tokens import Token
from tests.unit.mail.answers import CORPUS, OURS, QUOTE, REPLY, a_mail, a_report
from tests.unit.mail.builders import SIGNER


def test_a_reply_leads_back_by_its_address() -> None:
    """A person who answers is found by the address they answered to."""
    mail = read_inbound(a_mail("Yes, gladly!" + QUOTE), None, SIGNER)

    assert (mail.kind, mail.token, mail.matched_by) == ("reply", Token(kind="reply", send=42), "token")
    assert (mail.text, mail.from_address, mail.subject) == ("Yes, gladly!", "ada@candidate.test", "Re: Welcome")


@pytest.mark.parametrize("place", ["Delivered_To", "X_Original_To", "To", "Cc"])
def test_the_token_counts_wherever_the_address_stands(place: str) -> None:
    """Some servers keep the address in another header."""
    mail = read_inbound(a_mail(**({"To": "x@acme.example"} | {place: f"Anna <{REPLY}>"})), None, SIGNER)

    assert mail.matched_by == "token"


def test_the_token_counts_in_the_envelope() -> None:
    """A blind copy has the address in the envelope only."""
    assert read_inbound(a_mail(To="x@acme.example"), REPLY, SIGNER).matched_by == "token"


def test_a_forged_token_counts_for_nothing() -> None:
    """Nobody answers in another person's name by guessing addresses."""
    mail = read_inbound(a_mail(To=f"r+{'A' * 28}@reply.acme.example"), None, SIGNER)

    assert (mail.token, mail.matched_by) == (None, None)


def test_ids_are_tried_from_the_surest_to_the_weakest() -> None:
    """First the mail that was answered, then its thread from the newest on, then what is quoted."""
    raw = a_mail(
        "hi\n\n> Message-ID: <4@acme.example>\n", To="x@acme.example", In_Reply_To="<3@acme.example>",
        References="<1@acme.example> <2@acme.example> <3@acme.example>",
    )  # fmt: skip
    mail = read_inbound(raw, None, SIGNER)

    assert tuple(f"<{number}@acme.example>" for number in (3, 2, 1, 4)) == mail.message_ids
    assert mail.matched_by == "in_reply_to"
    assert read_inbound(a_mail(To="x@y.test", References="<1@a.example>"), None, SIGNER).matched_by == "references"


def test_a_returned_mail_leads_back_by_what_it_encloses() -> None:
    """A bounce to another mailbox still names the mail that did not arrive."""
    mail = read_inbound(a_report("5.1.1", "550 5.1.1 user unknown", enclosed=OURS.raw.decode()), None, SIGNER)

    assert (mail.kind, mail.matched_by, mail.token) == ("bounce_hard", "quoted", Token(kind="bounce", send=42))
    assert OURS.message_id == mail.message_ids[0]


def test_the_same_mail_by_two_ways_has_one_key() -> None:
    """A mail that comes by webhook and by mailbox counts once; another mail counts, too."""

    def key(raw: bytes) -> str:
        return read_inbound(raw, None, SIGNER).dedupe_key

    assert key(a_mail()) == key(b"Received: by elsewhere\r\n" + a_mail())
    assert key(a_mail()) != key(a_mail(Message_ID="<2@candidate.test>"))
    assert key(a_mail()) != key(a_mail(From="eve@candidate.test"))


HEADERS = st.sampled_from(
    [
        *("From", "To", "Message-ID", "References", "Date", "Subject", "Content-Type", "Content-Transfer-Encoding"),
        *("Auto-Submitted", "Return-Path", "Precedence", "Delivered-To", "X-Failed-Recipients"),
    ]
)
BROKEN = st.sampled_from(
    [
        *(b"<>", b"<[bad@x>", b"a,b,,<", b'"', b"=?utf-8?q?=ff?=", b"=?nope?b?!?=", b"\xff\xfe", b"", b"base64"),
        *(b"text/html", b"text/plain; charset=nope", b"text/plain; charset*=x'%ff", b"quoted-printable"),
        *(b"multipart/mixed; boundary=b", b"multipart/report; boundary=", b"message/rfc822"),
        *(b"message/delivery-status", b"multipart/report; report-type*0*=%ff''x; boundary=b"),
    ]
)


@given(
    st.lists(st.tuples(HEADERS, BROKEN | st.binary(max_size=40)), max_size=8),
    st.binary(max_size=200) | st.just(b"--b\r\n\r\nx\r\n--b--"),
)
def test_no_mail_however_broken_stops_the_reader(headers: list[tuple[str, bytes]], body: bytes) -> None:
    """One broken mail never stops the mailbox."""
    raw = b"".join(name.encode() + b": " + value + b"\r\n" for name, value in headers) + b"\r\n" + body

    assert read_inbound(raw, None, SIGNER).dedupe_key


def nested(depth: int) -> bytes:
    """Parts within parts."""
    raw = b"x"
    for number in range(depth):
        mark = b"b%d" % number
        raw = b"Content-Type: multipart/mixed; boundary=%b\r\n\r\n--%b\r\n%b\r\n--%b--\r\n" % (mark, mark, raw, mark)
    return raw


@pytest.mark.parametrize(
    "raw",
    [
        nested(2_000),
        b"Content-Type: text/html\r\n\r\n" + b"<style" * 20_000,
        b"Content-Type: text/html\r\n\r\n" + b"<br " * 20_000,
        b"Content-Type: text/html\r\n\r\n" + b"<blockquote" * 20_000,
        b"From: " + b"<" * 100_000 + b"\r\n\r\nx",
        b"To: " + b"(" * 100_000 + b"\r\n\r\nx",
        b"Subject: " + b"=?" * 50_000 + b"\r\n\r\nx",
        b"X: y\r\n" * 300_000,
        b"\r\n\r\n" + b"> References: <" * 20_000,
        b"\r\n\r\n" + b"back on " * 20_000,
        b"From: postmaster@x\r\n\r\n" + b"exceeds message mailbox " * 20_000,
        b"\r\n" * 100_000,
    ],
)
def test_reading_takes_no_time_whatever_is_sent(raw: bytes) -> None:
    """A mail made to keep us busy does not."""
    began = time.process_time()
    read_inbound(raw, None, SIGNER)

    assert time.process_time() - began < 3


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real mails is not here")
def test_what_real_people_wrote_is_found() -> None:
    """The timeline shows the words of the person and not our own mail below them."""
    for line in (CORPUS / "manifest.jsonl").read_text().splitlines():
        entry = json.loads(line)
        for words in (expect.get("reply_text_contains") for expect in entry["expect"]):
            text = read_inbound((CORPUS / entry["file"]).read_bytes(), None, SIGNER).text
            assert words is None or words in text, entry["file"]


def test_an_html_mail_is_read_as_text() -> None:
    """Phones often send HTML only."""
    raw = (
        b"Content-Type: text/html; charset=utf-8\r\n\r\n<html><head><title>t</title><style>p{}</style></head>"
        b"<p>Ja, gern &amp; bald!<br>Ada</p><blockquote>alt</blockquote>"
    )

    assert read_inbound(raw, None, SIGNER).text == "Ja, gern & bald!\nAda"
    assert not ParsedMail.of(b"").text


@pytest.mark.parametrize("charset", ["nope", "utf-8", "unicode-1-1-utf-7", "=?x?="])
def test_a_text_in_an_unknown_charset_is_still_read(charset: str) -> None:
    """Whatever a program calls its letters, the plain ones are read."""
    raw = f"Content-Type: text/plain; charset={charset}\r\n\r\nYes, gladly!".encode()

    assert read_inbound(raw, None, SIGNER).text == "Yes, gladly!"
