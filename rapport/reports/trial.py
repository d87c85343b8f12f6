"""A mail to oneself: the real bytes through the real mail server, and no trace of it in the store."""

from dataclasses import replace

from rapport.errors import ConfigurationError, Refused, TemporaryFailure
from rapport.ids import address_key
from rapport.mail.addresses import mailable
from rapport.mail.draft import Composed
from rapport.ports import Delivery, Mailer
from rapport.reports.occasions import Occasion
from rapport.reports.preview import Preview, Proofs
from rapport.store import candidates, consents
from rapport.store.database import Tx

MARK = "[Test] "


async def check_is_ours(tx: Tx, address: str, pepper: bytes) -> None:
    """Refuse an address of a candidate, and one that gets no mail.

    An answer from it would count as the candidate's own, and nobody gets a test who has left or was never asked.
    """
    key = address_key(address, pepper)
    if await candidates.by_key(tx, key) is not None:
        raise Refused(
            reason="candidate",
            message="This is the address of a stored candidate, who must never get a test.",
            hint="Use the address of a colleague; --person merges the mail with a candidate's data.",
        )
    if consents.ALL in await consents.suppressed(tx, key):
        raise Refused(reason="suppressed", message="This address gets no mail from us.", hint="Use another one.")


def trial_of(proofs: Proofs, occasion: Occasion, address: str, language: str | None = None) -> Preview:
    """The mail to be sent to oneself: `[Test]` in its subject, and tokens that move nothing; in `Preview.composed`.

    `proofs.number` must be a new one for every test, as receivers drop the second mail with one Message-ID. Refused
    when the mail has a mistake or no such language; BadInput for an address that is none.
    """
    found = replace(proofs, to=mailable(address, test_environment=True).text, mark=MARK).of(occasion)
    chosen = next((one for one in found if language in (None, one.language)), None)
    if chosen is None:
        known = ", ".join(one.language for one in found)
        raise Refused(reason="no_language", message=f"There is no {language} text.", hint=f"There are: {known}.")
    if chosen.composed is None:
        hint = "Look at it without --send-to first."
        raise Refused(reason="not_composed", message=f"This mail cannot be sent. {chosen.problem}", hint=hint)
    return chosen


async def send_trial(mailer: Mailer, composed: Composed, *, is_configured: bool) -> Delivery:
    """Hand it to the mail server, once, and say what the server answered.

    ConfigurationError when no mail server is set and none listens where one would by default, or when it refuses
    us; TemporaryFailure when it does not take the mail now; Refused when it never will.
    """
    answer = await mailer.deliver(composed.raw, sender=composed.envelope_sender, recipient=composed.recipient)
    said = f"The mail server did not take it: {answer.reason}. {answer.server_text}".strip()
    match answer.status:
        case "accepted":
            return answer
        case "retry" | "unknown" if is_configured or answer.code is not None:
            raise TemporaryFailure(said, hint="Try again in a few minutes.")
        case "retry" | "unknown":
            hint = "Set RAPPORT_SMTP_HOST and RAPPORT_SMTP_PORT, or start `rapport dev` for an inbox of your own."
            raise ConfigurationError("No mail server is configured.", hint=hint)
        case "configuration":
            raise ConfigurationError(said, hint="Check the settings RAPPORT_SMTP_*; `rapport doctor` tries them.")
        case _:
            raise Refused(reason="not_taken", message=said, hint="Check the address.")
