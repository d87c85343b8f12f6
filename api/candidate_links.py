"""What a link in a mail leads to: the mail that it stands in, and what its reader may choose."""

from api.door import Door
from rapport.mail.tokens import TokenKind
from rapport.store import enrollments, sends
from rapport.store.tables.mails import SendRow
from rapport.usecases.preferences import Chooser, chooser_of


async def send_of(behind: Door, token: str, kind: TokenKind) -> SendRow | None:
    """The mail that a link of this kind stands in; None for a link that we did not make."""
    read = behind.house.signer.read(token)
    if read is None or read.kind != kind:
        return None
    async with behind.store.read() as tx:
        return await sends.find(tx, read.send)


async def chooser_behind(behind: Door, send: SendRow) -> Chooser:
    """The reader of a mail, and what they may choose now."""
    async with behind.store.read() as tx:
        walk = await enrollments.get(tx, send.enrollment)
        return await chooser_of(tx, send, behind.clock.walk_time(walk.candidate))
