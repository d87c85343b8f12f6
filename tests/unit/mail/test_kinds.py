"""People, machines, bounces and complaints are told apart."""

import json
from collections import Counter
from datetime import date

import pytest

from rapport.mail.inbound import read_inbound
from rapport.mail.tokens import Token
from tests.unit.mail.answers import CORPUS, OURS, QUOTE, a_mail, a_report, kind
from tests.unit.mail.builders import SIGNER

KINDS = {
    "auto-reply": "auto_reply",
    "real-reply": "reply",
    "bounce-hard": "bounce_hard",
    "bounce-soft": "bounce_soft",
    "bounce-block": "bounce_block",
    "complaint": "complaint",
    "other": "other",
}


@pytest.mark.parametrize(
    ("status", "diagnostic", "expected"),
    [
        ("5.1.1", "550 5.1.1 user unknown", "bounce_hard"),
        ("5.0.0", "550 5.1.1 user unknown", "bounce_hard"),
        ("5.7.1", "550 5.7.1 no such user", "bounce_hard"),
        ("5.4.4", "host not found", "bounce_hard"),
        ("5.2.1", "550 5.2.1 account disabled", "bounce_hard"),
        ("5.2.2", "552 5.2.2 over quota", "bounce_soft"),
        ("4.4.7", "delivery time expired", "bounce_soft"),
        ("4.4.1", "connection timed out", "bounce_soft"),
        ("5.4.6", "too many hops", "bounce_soft"),
        ("5.7.1", "550 5.7.1 blocked by policy", "bounce_block"),
        ("5.7.515", "550 5.7.515 access denied", "bounce_block"),
        ("5.3.4", "552 5.3.4 message too big", "bounce_block"),
        ("5.1.8", "550 5.1.8 sender rejected", "bounce_block"),
    ],
)
def test_a_report_tells_dead_full_and_blocked_apart(status: str, diagnostic: str, expected: str) -> None:
    """Only a dead address is never written to again."""
    assert expected == kind(a_report(status, diagnostic))


def test_a_delay_is_told_apart_from_a_failure() -> None:
    """A server that still tries has not failed."""
    mail = read_inbound(a_report("4.4.1", "timed out", action="delayed"), None, SIGNER)

    assert (mail.kind, mail.delayed) == ("bounce_soft", True)
    assert not read_inbound(a_report("4.4.1", "timed out"), None, SIGNER).delayed


def test_a_mail_to_the_unsubscribe_address_unsubscribes() -> None:
    """Mail programs without the button write a mail, and that counts as much."""
    address = f"u+{SIGNER.make(Token(kind='unsubscribe', send=42))}@reply.acme.example"
    mail = read_inbound(a_mail("", To=address, Subject="unsubscribe"), None, SIGNER)

    assert (mail.kind, mail.token) == ("unsubscribe", Token(kind="unsubscribe", send=42))


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied (vacation)"},
        {"Auto_Submitted": "auto-generated; x=y"},
        {"X_Autoreply": "yes"},
        {"Precedence": "auto_reply"},
        {"X_Auto_Response_Suppress": "All"},
        {"Return_Path": "<>"},
        {"From": "no-reply@candidate.test"},
        {"Subject": "Automatic reply: Welcome"},
        {"Subject": "=?utf-8?q?R=C3=A9ponse_automatique?= : Welcome"},
        {"Subject": "Abwesenheitsnotiz: Welcome"},
    ],
)
def test_machines_do_not_reply(headers: dict[str, str]) -> None:
    """Out-of-office notes never count as an answer."""
    assert kind(a_mail("I got your message.", **headers)) == "auto_reply"


def test_an_out_of_office_note_without_any_header_is_seen_by_its_words() -> None:
    """Some systems say only in words that nobody is there."""
    assert kind(a_mail("I am out of office until Monday.")) == "auto_reply"
    assert kind(a_mail("I was out of office last week, let us talk!" + QUOTE)) == "reply"


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "no"},
        {"X_Auto_Response_Suppress": "DR, OOF", "In_Reply_To": "<1@acme.example>"},
        {"Precedence": "bulk", "In_Reply_To": "<1@acme.example>"},
        {"List_Unsubscribe": "<mailto:x@y.test>", "In_Reply_To": "<1@acme.example>"},
        {"Subject": "Re: Out of office party"},
    ],
)
def test_people_whose_servers_add_odd_headers_are_people(headers: dict[str, str]) -> None:
    """An answer stays an answer, whatever a company's server adds."""
    assert kind(a_mail("Yes, gladly!" + QUOTE, **headers)) == "reply"


def a_complaint(feedback: str) -> bytes:
    """A report of a feedback loop."""
    return (
        'From: fbl@isp.test\r\nContent-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: {feedback}\r\nVersion: 1\r\n"
        f"Original-Mail-From: <{OURS.envelope_sender}>\r\n\r\n--b--\r\n"
    ).encode()


def test_the_spam_button_is_a_complaint_and_a_signature_report_is_none() -> None:
    """Whoever presses the spam button hears nothing more; a report about DMARC is for us."""
    mail = read_inbound(a_complaint("abuse"), None, SIGNER)

    assert (mail.kind, mail.token) == ("complaint", Token(kind="bounce", send=42))
    assert [kind(a_complaint(what)) for what in ("auth-failure", "not-spam")] == ["other", "other"]


def test_read_receipts_and_lists_are_nothing() -> None:
    """A read receipt is no answer, and neither is a newsletter."""
    receipt = b"Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n\r\n--b--\r\n"

    assert kind(receipt) == "other"
    assert kind(a_mail(List_Id="<news.test>")) == "other"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I am out of office, back on 16 March 2026.", date(2026, 3, 16)),
        ("I will return on Monday, March 16th.", date(2026, 3, 16)),
        ("On leave until 2026-03-16.", date(2026, 3, 16)),
        ("Out of office through March 15, 2026.", date(2026, 3, 16)),
        ("Ich bin ab dem 16. März wieder im Büro, derzeit abwesend.", date(2026, 3, 16)),
        ("Abwesend bis 16.03.2026.", date(2026, 3, 16)),
        ("Je suis absent jusqu'au 16 mars 2026.", date(2026, 3, 16)),
        ("De vacaciones hasta el 16 de marzo de 2026.", date(2026, 3, 16)),
        ("On vacation until 5 January.", date(2027, 1, 5)),
        ("On leave until 03/04/2026.", None),
        ("On leave until 31 February 2026.", None),
        ("On leave until 16 March 2031.", None),
        ("I am away.", None),
    ],
)
def test_the_day_of_return_is_read_where_it_is_clear(text: str, expected: date | None) -> None:
    """Mails wait until the person is back; a date that could be two is none."""
    raw = a_mail(text, Subject="Automatic reply", Date="Wed, 11 Mar 2026 10:00:00 +0000")

    assert expected == read_inbound(raw, None, SIGNER).back_on


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real mails is not here")
def test_real_mails_are_told_apart() -> None:
    """Of 131 real mails at least 122 are read right, and people are never taken for machines or the reverse."""
    read: Counter[tuple[str, str]] = Counter()
    for line in (CORPUS / "manifest.jsonl").read_text().splitlines():
        entry = json.loads(line)
        read[KINDS[entry["cls"]], kind((CORPUS / entry["file"]).read_bytes())] += 1

    right = sum(count for (expected, actual), count in read.items() if expected == actual)
    people = {pair: count for pair, count in read.items() if "reply" in pair and pair[0] != pair[1]}
    assert right >= 122, read
    assert people.keys() <= {("other", "reply")}, people
