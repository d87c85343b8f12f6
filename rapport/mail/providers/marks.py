"""What a mail carries so that events name our send: a header that its provider gives back with every event."""

import json

from rapport.mail.providers.event import ProviderName

MARK = "rapport-send"
# In every mail of ours; providers that give headers back give this one, too.
TOKEN_HEADER = "x-rapport-send"  # noqa: S105  # a header's name
# The servers that take mail for each provider, by the end of their names.
_RELAYS: tuple[tuple[str, ProviderName], ...] = (
    (".sendgrid.net", "sendgrid"),
    (".mailgun.org", "mailgun"),
    (".postmarkapp.com", "postmark"),
    (".amazonaws.com", "ses"),
    (".resend.com", "resend"),
)


def provider_of(host: str) -> ProviderName | None:
    """Whose mail server this is, by its name; None for one of nobody that we know."""
    name = host.lower().rstrip(".")
    return next((provider for end, provider in _RELAYS if name.endswith(end)), None)


def marks(host: str, token: str) -> tuple[tuple[str, str], ...]:
    """The headers to add to a mail that goes out by this server; none where the Message-ID comes back anyway.

    `token` is one of the 28 letters, digits, `-` and `_` that our signer makes.
    """
    match provider_of(host):
        case "sendgrid":
            return (("X-SMTPAPI", json.dumps({"unique_args": {MARK: token}})),)
        case "mailgun":
            return (("X-Mailgun-Variables", json.dumps({MARK: token})),)
        case "postmark":
            # Without the second one, Postmark replaces our Message-ID, and answers find no thread.
            return ((f"X-PM-Metadata-{MARK}", token), ("X-PM-KeepID", "true"))
        case "ses":
            return (("X-SES-MESSAGE-TAGS", f"{MARK}={token}"),)
        case "resend" | None:
            return ()
