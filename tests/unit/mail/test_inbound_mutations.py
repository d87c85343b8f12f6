"""No mail, however it was spoiled, stops the reader, is lost, or takes long."""

import json
import time
from typing import get_args

import pytest
from hypothesis import given, settings

from rapport.mail.classify import as_json
from rapport.mail.inbound import Inbound, InboundKind, read_inbound
from rapport.mail.reply_opt_out import opt_out_in
from tests.unit.mail.builders import SIGNER
from tests.unit.mail.mutations import spoiled_mails

_USUAL = settings().max_examples
# 200 in `make test`, 20,000 in `make soak`.
_EXAMPLES = 10 * _USUAL if _USUAL > 100 else 2 * _USUAL
_LONGEST = 0.05  # seconds of a core


def _read(raw: bytes) -> Inbound:
    """Read a mail in time; the best of three counts, because a garbage collection is not the mail's fault."""
    for _ in range(3):
        began = time.process_time()
        mail = read_inbound(raw, None, SIGNER)
        if time.process_time() - began < _LONGEST:
            return mail
    pytest.fail(f"longer than {_LONGEST} s")


@settings(max_examples=_EXAMPLES)
@given(spoiled_mails())
def test_every_mail_is_read_at_once_and_what_is_read_can_be_stored(raw: bytes) -> None:
    """What comes out is text that every database takes: no half characters, no NUL."""
    mail = _read(raw)

    said = json.dumps([as_json(mail), mail.text, mail.subject, mail.from_address, mail.message_id], ensure_ascii=False)
    assert mail.kind in get_args(InboundKind)
    assert said.encode()
    assert "\\u0000" not in said


@pytest.mark.parametrize(
    "attack",
    [
        *("please " * 150_000, "stop " * 200_000, "bitte, " * 150_000, "\n" * 1_000_000, "hi Ada " * 150_000),
        *("On Mon " * 150_000, "> " * 500_000, "aus dem " * 125_000, "i am out of " * 90_000, "x" * 1_000_000),
        *(
            "until the " * 100_000,
            "back on Monday, " * 60_000,
            "we have received your " * 45_000,
            "From: a\n" * 120_000,
        ),
        *("mails me my the " * 60_000, "ist " * 250_000, "not been " * 110_000, "thank you for " * 70_000),
    ],
)
def test_a_megabyte_that_was_made_to_keep_us_busy_does_not(attack: str) -> None:
    """Time grows with length and no faster, for every pattern that we look for."""
    head = "From: mailer-daemon@mx.test\r\nSubject: Re: x\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\n\r\n"
    began = time.process_time()
    for sender in ("mailer-daemon", "ada"):
        read_inbound(head.replace("mailer-daemon", sender).encode() + attack.encode(), None, SIGNER)
    opt_out_in(attack)
    opt_out_in(attack[:200])

    assert time.process_time() - began < 1


@pytest.mark.parametrize("around", ["", "Content-Type: message/rfc822\r\n\r\nMIME-Version: 1.0\r\n"])
def test_a_mark_that_no_database_takes_is_left_out_of_names_of_mails(around: str) -> None:
    """A NUL in the References of a mail, or of one inside of it, does not keep the mail from being stored."""
    raw = f"{around}References: <\0ada.1@mail.acme.test>\r\nSubject: x\r\n\r\nhello".encode()

    assert ("<ada.1@mail.acme.test>",) == _read(raw).message_ids
