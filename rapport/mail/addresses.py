"""Addresses as mail servers take them, checked before anything is sent."""

from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from rapport.errors import BadInput


@dataclass(frozen=True, slots=True)
class Mailable:
    """An address fit for the wire: ASCII where that is possible, else one that needs a server with SMTPUTF8."""

    text: str
    smtputf8: bool


def mailable(address: str, *, test_environment: bool = False) -> Mailable:
    """Check an address without asking the network; BadInput does not repeat it.

    `test_environment` also takes the domain `.test`. An internationalized domain becomes its ASCII form.
    """
    try:
        checked = validate_email(address, check_deliverability=False, test_environment=test_environment)
    except EmailNotValidError as error:
        raise BadInput(
            place="address", message="it is not an address that mail can be sent to", hint="Correct it."
        ) from error
    return Mailable(checked.ascii_email or checked.normalized, checked.smtputf8)
