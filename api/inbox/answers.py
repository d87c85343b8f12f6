"""Mails that come back to us, written as the programs of a recipient write them; our own classifier has to read them.

Each goes by SMTP to where such mails go: a person's answer to Reply-To, what a program writes to the envelope sender.
"""

from datetime import date, datetime
from email import message_from_string
from email.message import EmailMessage, Message
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.parser import BytesParser
from email.policy import SMTP, compat32
from email.utils import format_datetime
from hashlib import sha256

from api.inbox.letter import Letter

# The usual limit of 78 would encode long ids, and a mail program would not find the thread.
UNFOLDED = SMTP.clone(max_line_length=998)
_QUOTED_LINES = 200
_SERVER = "inbox.test"


def reply(letter: Letter, text: str, *, sender: str, at: datetime) -> bytes:
    """What a person writes back, with the mail quoted below."""
    answer = _answer(letter, text, sender=sender, to=letter.reply_to, at=at)
    answer["Subject"] = f"Re: {letter.subject.removeprefix('Re: ')}"
    quoted = "\n".join(f"> {line}" for line in letter.text.splitlines()[:_QUOTED_LINES])
    answer.set_content(
        f"{text.rstrip()}\n\nOn {letter.date}, {letter.sender} wrote:\n{quoted}\n", cte="quoted-printable"
    )
    return answer.as_bytes(policy=UNFOLDED)


def out_of_office(letter: Letter, *, sender: str, envelope_sender: str, back: date, at: datetime) -> bytes:
    """What a mailbox answers whose owner is away until `back` (RFC 3834)."""
    answer = _answer(letter, back.isoformat(), sender=sender, to=envelope_sender, at=at)
    answer["Subject"] = f"Automatic reply: {letter.subject}"
    answer["Auto-Submitted"] = "auto-replied"
    words = f"I am out of the office and will be back on {back.day} {back:%B %Y}. I will read your mail then."
    answer.set_content(words + "\n", cte="quoted-printable")
    return answer.as_bytes(policy=UNFOLDED)


def delivery_status(raw: bytes, *, recipient: str, envelope_sender: str, at: datetime) -> bytes:
    """What a mail server writes about an address that does not exist (RFC 3464)."""
    words = f"The mail could not be delivered to {recipient}: there is no such mailbox."
    server = f"dns; {_SERVER}\nArrival-Date: {format_datetime(at)}"
    told = (
        f"Reporting-MTA: {server}\n\n"
        f"Original-Recipient: rfc822; {recipient}\nFinal-Recipient: rfc822; {recipient}\nAction: failed\n"
        "Status: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 No such user here\n"
    )
    report = _report("delivery-status", words, told, raw)
    _address(report, "Mail Delivery System <MAILER-DAEMON@inbox.test>", envelope_sender, at, raw)
    report["Subject"] = "Undelivered Mail Returned to Sender"
    report["Auto-Submitted"] = "auto-replied"
    return report.as_bytes(policy=compat32)


def feedback_report(raw: bytes, *, recipient: str, envelope_sender: str, at: datetime) -> bytes:
    """What a mailbox provider writes when somebody marks a mail as spam (RFC 5965)."""
    words = "This is an abuse report for a mail that one of our users has marked as spam."
    told = (
        "Feedback-Type: abuse\nUser-Agent: Inbox/1.0\nVersion: 1\n"
        f"Original-Mail-From: <{envelope_sender}>\nOriginal-Rcpt-To: <{recipient}>\n"
        f"Arrival-Date: {format_datetime(at)}\n"
    )
    report = _report("feedback-report", words, told, raw)
    _address(report, "Feedback loop <feedback@inbox.test>", envelope_sender, at, raw)
    report["Subject"] = "Abuse report"
    return report.as_bytes(policy=compat32)


def _answer(letter: Letter, text: str, *, sender: str, to: str, at: datetime) -> EmailMessage:
    answer = EmailMessage(policy=UNFOLDED)
    answer["From"] = sender
    answer["To"] = to
    answer["Date"] = format_datetime(at)
    answer["Message-ID"] = _message_id(f"{letter.message_id}\n{at.isoformat()}\n{text}")
    if letter.message_id:
        answer["In-Reply-To"] = letter.message_id
        answer["References"] = f"{letter.references} {letter.message_id}".strip()
    return answer


def _report(kind: str, words: str, told: str, raw: bytes) -> MIMEMultipart:
    report = MIMEMultipart("report")
    report.set_param("report-type", kind)
    report.attach(MIMEText(words))
    part = Message(policy=compat32)
    part["Content-Type"] = f"message/{kind}"
    # The library writes the first kind from its blocks, the other one as it is.
    blocks: list[Message | str] = [message_from_string(block, policy=compat32) for block in told.strip().split("\n\n")]
    part.set_payload(blocks if kind == "delivery-status" else told)
    report.attach(part)
    report.attach(MIMEMessage(BytesParser(policy=compat32).parsebytes(raw)))
    return report


def _address(report: MIMEMultipart, sender: str, to: str, at: datetime, raw: bytes) -> None:
    report["From"] = sender
    report["To"] = to
    report["Date"] = format_datetime(at)
    report["Message-ID"] = _message_id(f"{sender}\n{at.isoformat()}\n{sha256(raw).hexdigest()}")


def _message_id(seed: str) -> str:
    return f"<{sha256(seed.encode()).hexdigest()[:24]}@{_SERVER}>"
