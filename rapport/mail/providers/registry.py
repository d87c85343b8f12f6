"""Which providers are set up here: one adapter for each that the settings hold a secret of."""

from collections.abc import Mapping
from datetime import timedelta

from rapport.errors import ConfigurationError
from rapport.mail.providers.call import Provider
from rapport.mail.providers.event import ProviderName
from rapport.mail.providers.mailgun import Mailgun
from rapport.mail.providers.postmark import Postmark
from rapport.mail.providers.resend import Resend, signing_secret
from rapport.mail.providers.sendgrid import SendGrid, public_key
from rapport.mail.providers.ses import Amazon, Ses
from rapport.mail.providers.sns import is_topic
from rapport.settings import Settings


def providers_of(settings: Settings, amazon: Amazon) -> Mapping[ProviderName, Provider]:
    """The adapters by name; ConfigurationError names the setting that cannot be read.

    Several secrets, with spaces between them, are all believed: the old one and the new one while a secret changes.
    """
    found: dict[ProviderName, Provider] = {}
    if keys := settings.sendgrid_public_key.split():
        window = timedelta(minutes=settings.sendgrid_window)
        found["sendgrid"] = SendGrid(tuple(public_key(key) for key in keys), window)
    if keys := settings.mailgun_signing_key.split():
        found["mailgun"] = Mailgun(tuple(key.encode() for key in keys))
    if logins := settings.postmark_login.split():
        found["postmark"] = Postmark(tuple(_login(login) for login in logins))
    if topics := settings.ses_topic.split():
        found["ses"] = Ses(frozenset(_topic(topic) for topic in topics), amazon)
    if secrets := settings.resend_secret.split():
        found["resend"] = Resend(tuple(signing_secret(secret) for secret in secrets))
    return found


def _login(login: str) -> bytes:
    user, _, password = login.partition(":")
    if not user or not password:
        raise ConfigurationError("RAPPORT_POSTMARK_LOGIN is no login.", hint="Write user:password.")
    return login.encode()


def _topic(arn: str) -> str:
    if not is_topic(arn):
        raise ConfigurationError(f"RAPPORT_SES_TOPIC holds {arn!r}.", hint="Copy the ARN of the SNS topic.")
    return arn
