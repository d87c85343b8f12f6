"""Which send a mail answers: by our own token, by ids, and at last by who wrote it about what."""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rapport.ids import address_key
from rapport.mail.inbound import Inbound
from rapport.mail.match import MatchedBy
from rapport.store import candidates, enrollments, sends
from rapport.store.database import Tx
from rapport.store.tables.mails import SendRow

How: TypeAlias = MatchedBy | Literal["sender"]

_PREFIX = re.compile(
    r"\s*(?:(?:re|aw|sv|antw|rv|rif|odp|vs|fw|fwd|wg|tr|i|enc|res)\s?(?:\[\d{1,3}\])?\s?:\s*)+", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The send, and how it was found; `sender` is a guess. `by_other`: it came from an address that we do not know."""

    send: SendRow
    matched_by: How
    by_other: bool


async def answered(tx: Tx, mail: Inbound, pepper: bytes) -> Answered | None:
    """The send that a mail answers; None when nothing tells."""
    key = address_key(mail.from_address, pepper) if mail.from_address else None
    row = await sends.find(tx, mail.token.send) if mail.token is not None else None
    for message_id in mail.message_ids if row is None else ():
        row = await sends.by_message_id(tx, message_id)
        if row is not None:
            break
    if row is not None:
        return Answered(send=row, matched_by=mail.matched_by or "quoted", by_other=row.recipient_key != key)
    guess = await _by_sender(tx, mail, key) if mail.kind in ("reply", "auto_reply") and key else None
    return Answered(send=guess, matched_by="sender", by_other=False) if guess is not None else None


async def _by_sender(tx: Tx, mail: Inbound, key: str) -> SendRow | None:
    """The last mail of this subject to this person, who is in exactly one sequence."""
    person = await candidates.by_key(tx, key)
    walks = await enrollments.walking(tx, person.id) if person is not None else ()
    if len(walks) != 1:
        return None
    wanted = _subject(mail.subject)
    sent = await sends.of_enrollment(tx, walks[0].id)
    rows = [row for row in sent if wanted and wanted == _subject(row.subject or "")]
    return rows[-1] if rows else None


def _subject(text: str) -> str:
    return " ".join(_PREFIX.sub("", text, count=1).split()).casefold()
