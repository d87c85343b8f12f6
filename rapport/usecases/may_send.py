"""Whether a mail may leave at this instant: asked once more in the transaction that claims it."""

from rapport.engine.gatekeeper import gate
from rapport.engine.runtime import Outcome
from rapport.store import consents, enrollments
from rapport.store.database import Tx
from rapport.usecases.on_its_way import paused, to_hear_first
from rapport.usecases.standing import Standing, with_all_mails


async def obstacle(tx: Tx, here: Standing, step: str) -> Outcome | None:
    """What keeps the mail of this step from leaving now; None when nothing does."""
    first = await to_hear_first(tx, here)
    if first is not None:
        return first
    if here.row.state == enrollments.ENDED:
        return Outcome(status="skip", reason="the walk has ended")
    found = closed(here)
    if found is not None:
        return found
    answer = gate(here.node(step), await with_all_mails(tx, here), here.project)
    if answer.verdict == "go":
        return None
    return Outcome(status=answer.verdict, until=answer.until, reason=answer.reason)


def closed(here: Standing) -> Outcome | None:
    """What no rule of a sequence can open: the walk stands still, or the address must not be written to."""
    if (standing_still := paused(here)) is not None:
        return standing_still
    if here.person.email is None or here.person.email_key is None:
        return Outcome(status="end" if here.person.erased_at else "failed", reason="no address")
    if {consents.ALL, here.plan.purpose} & set(here.stopped):
        return Outcome(status="end", reason="suppressed")
    return None
