"""Mails that the inbox of `rapport dev` has caught, in its folder: found by the addresses in them, and dropped."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import getaddresses
from pathlib import Path

# A reply that was forwarded to a recruiter names who wrote it in `Reply-To` only.
_NAMING = ("From", "To", "Cc", "Reply-To", "Sender")
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+")


def addresses_by_mail(folder: Path) -> Mapping[str, Collection[str]]:
    """The addresses that each mail in the folder came to, or names anywhere; nothing when there is no folder."""
    found = {}
    for mail in sorted(folder.glob("*.eml")):
        with suppress(OSError):  # the inbox itself drops its oldest mails
            found[mail.stem] = {*_recipients(mail.with_suffix(".json")), *_named(mail.read_bytes())}
    return found


def drop(folder: Path, mails: Collection[str]) -> None:
    """Delete these mails; one that is gone already is no error."""
    for mail in mails:
        # The slip first: a slip without a mail would be broken.
        (folder / f"{mail}.json").unlink(missing_ok=True)
        (folder / f"{mail}.eml").unlink(missing_ok=True)


def _recipients(slip: Path) -> Iterator[str]:
    with suppress(OSError, ValueError, KeyError):
        yield str(json.loads(slip.read_text(encoding="utf-8"))["recipient"])


def _named(raw: bytes) -> Iterator[str]:
    mail = message_from_bytes(raw)
    places = [str(value) for name in _NAMING for value in mail.get_all(name, [])]
    yield from (address for _, address in getaddresses(places) if "@" in address)
    for text in _texts(message_from_bytes(raw, policy=default)):
        yield from _ADDRESS.findall(text)


def _texts(mail: Message) -> Iterator[str]:
    for part in mail.walk():
        # Whatever a mail claims to be written in, the inbox has caught it.
        with suppress(LookupError, ValueError, KeyError):
            if isinstance(part, EmailMessage) and part.get_content_maintype() == "text":
                yield str(part.get_content())
