"""Whether a mail may leave at this instant: asked once more in the transaction that claims it."""

from datetime import timedelta

from rapport.engine.gatekeeper import gate
from rapport.engine.runtime import Outcome
from rapport.store import consents, enrollments
from rapport.store.database import Tx
from rapport.usecases.on_its_way import ends_it
from rapport.usecases.standing import Standing, with_all_mails

# The outbox is emptied within seconds; a walk that was told meanwhile wakes earlier anyway.
_SOON = timedelta(minutes=1)


async def obstacle(tx: Tx, here: Standing, step: str) -> Outcome | None:
    """What keeps the mail of this step from leaving now; None when nothing does.

    What ends the walk is handed over in `heard`, so that the walk ends at once.
    """
    heard = await ends_it(tx, here)
    if heard:
        return Outcome(status="hold", until=here.at + _SOON, reason="news that ends the walk", heard=heard)
    if here.row.state == enrollments.ENDED:
        return Outcome(status="skip", reason="the walk has ended")
    found = await closed(tx, here)
    if found is not None:
        return found
    answer = gate(here.node(step), await with_all_mails(tx, here), here.project)
    if answer.verdict == "go":
        return None
    return Outcome(status=answer.verdict, until=answer.until, reason=answer.reason)


async def closed(tx: Tx, here: Standing) -> Outcome | None:
    """What no rule of a sequence can open: the walk stands still, or the address must not be written to."""
    if here.row.state == "paused":
        return Outcome(status="hold", until=here.at + _SOON, reason="paused")
    if here.person.email is None:
        return Outcome(status="end" if here.person.erased_at else "failed", reason="no address")
    if await consents.is_suppressed(tx, here.person.email_key, here.plan.purpose):
        return Outcome(status="end", reason="suppressed")
    return None
