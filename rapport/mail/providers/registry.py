"""Which providers are set up here: one adapter for each that the settings hold a secret of."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from rapport.errors import ConfigurationError
from rapport.mail.providers.call import Provider
from rapport.mail.providers.event import ProviderName
from rapport.mail.providers.handed_in import MailSource
from rapport.mail.providers.mailgun import Mailgun
from rapport.mail.providers.mailgun_inbound import MailgunInbound
from rapport.mail.providers.postmark import Postmark
from rapport.mail.providers.postmark_inbound import PostmarkInbound
from rapport.mail.providers.resend import Resend, signing_secret
from rapport.mail.providers.sendgrid import SendGrid, public_key
from rapport.mail.providers.sendgrid_inbound import SendGridInbound
from rapport.mail.providers.ses import Amazon, Ses
from rapport.mail.providers.sns import is_topic
from rapport.settings import Settings


def providers_of(settings: Settings, amazon: Amazon) -> Mapping[ProviderName, Provider]:
    """The adapters by name; ConfigurationError names the setting that cannot be read.

    Several secrets, with spaces between them, are all believed: the old one and the new one while a secret changes.
    """
    found: dict[ProviderName, Provider] = {}
    if settings.sendgrid_public_key.split():
        found["sendgrid"] = _sendgrid(settings)
    if keys := settings.mailgun_signing_key.split():
        found["mailgun"] = Mailgun(tuple(key.encode() for key in keys))
    if logins := settings.postmark_login.split():
        found["postmark"] = Postmark(_logins("RAPPORT_POSTMARK_LOGIN", logins))
    if topics := settings.ses_topic.split():
        found["ses"] = Ses(frozenset(_topic(topic) for topic in topics), amazon)
    if secrets := settings.resend_secret.split():
        found["resend"] = Resend(tuple(signing_secret(secret) for secret in secrets))
    return found


def mail_sources_of(settings: Settings) -> Mapping[ProviderName, MailSource]:
    """Who may hand in mails that came back, by name; with the same secrets as their events."""
    found: dict[ProviderName, MailSource] = {}
    logins = _logins("RAPPORT_SENDGRID_LOGIN", settings.sendgrid_login.split())
    if logins or settings.sendgrid_public_key.split():
        found["sendgrid"] = SendGridInbound(logins, _sendgrid(settings))
    if keys := settings.mailgun_signing_key.split():
        found["mailgun"] = MailgunInbound(tuple(key.encode() for key in keys))
    if logins := _logins("RAPPORT_POSTMARK_LOGIN", settings.postmark_login.split()):
        found["postmark"] = PostmarkInbound(logins)
    return found


def _sendgrid(settings: Settings) -> SendGrid:
    keys = settings.sendgrid_public_key.split()
    return SendGrid(tuple(public_key(key) for key in keys), timedelta(minutes=settings.sendgrid_window))


def _logins(setting: str, logins: Sequence[str]) -> tuple[bytes, ...]:
    return tuple(_login(setting, login) for login in logins)


def _login(setting: str, login: str) -> bytes:
    user, _, password = login.partition(":")
    if not user or not password:
        raise ConfigurationError(f"{setting} is no login.", hint="Write user:password.")
    return login.encode()


def _topic(arn: str) -> str:
    if not is_topic(arn):
        raise ConfigurationError(f"RAPPORT_SES_TOPIC holds {arn!r}.", hint="Copy the ARN of the SNS topic.")
    return arn
