"""What an installation can set, each with one sentence; read from the environment once, when a process starts."""

import hashlib
import hmac
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

from rapport.errors import ConfigurationError

Tls = Literal["none", "starttls", "implicit"]
YesNo = Literal["yes", "no"]

PREFIX = "RAPPORT_"
# Only for one machine that nobody else can reach; `from_environ` refuses it anywhere else.
DEVELOPMENT_SECRET = "rapport-development-only-not-a-secret"  # noqa: S105  # refused off loopback
_SHORTEST_SECRET = 32
_HIGHEST_PORT = 65535
_MOST_MINUTES = 7 * 24 * 60
_MOST_SECONDS = 3600
_A_DAY_OF_MINUTES = 24 * 60
# All other numbers are ports.
_NUMBERS = {
    "sendgrid_window": (_MOST_MINUTES, "number of minutes"),
    "ats_poll_minutes": (_A_DAY_OF_MINUTES, "number of minutes"),
    "click_settle": (_MOST_SECONDS, "number of seconds"),
}
_CHOICES = {"smtp_tls": get_args(Tls), "allow_private_webhooks": get_args(YesNo)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One installation; read it with `Settings.from_environ(os.environ)` and hand it on."""

    state_folder: Path = field(
        default=Path(".rapport"), metadata={"doc": "The folder that holds the database and other local state."}
    )
    database_url: str = field(
        default="",
        repr=False,  # it may hold a password
        metadata={"doc": "The SQLAlchemy URL of the store; empty means SQLite in the state folder."},
    )
    temporal_address: str = field(
        default="",
        metadata={
            "doc": "Host and port of the Temporal server; empty takes what the Temporal profile says, "
            "127.0.0.1:7233 without one."
        },
    )
    temporal_namespace: str = field(
        default="",
        metadata={"doc": "The Temporal namespace that walks run in; empty takes the profile's, default without one."},
    )
    smtp_host: str = field(default="127.0.0.1", metadata={"doc": "The mail server that accepts our mails."})
    smtp_port: int = field(default=1025, metadata={"doc": "The port of that mail server."})
    smtp_user: str = field(
        default="", metadata={"doc": "The user name at the mail server; empty sends without signing in."}
    )
    smtp_password: str = field(default="", repr=False, metadata={"doc": "The password at the mail server."})
    smtp_tls: Tls = field(
        default="none",
        metadata={"doc": "How the connection to the mail server is encrypted: none, starttls or implicit."},
    )
    public_url: str = field(
        default="http://127.0.0.1:8000",
        metadata={"doc": "The address under which candidates reach links, pixels and unsubscribe pages."},
    )
    mail_domain: str = field(
        default="mail.rapport.test", metadata={"doc": "The domain in the Message-ID of our mails."}
    )
    reply_domain: str = field(
        default="reply.rapport.test", metadata={"doc": "The domain that receives replies to our mails."}
    )
    bounce_domain: str = field(
        default="bounce.rapport.test", metadata={"doc": "The domain that receives bounces of our mails."}
    )
    dkim_domain: str = field(
        default="",
        metadata={"doc": "The domain that our mails are signed for (DKIM); empty leaves signing to the relay."},
    )
    dkim_selector: str = field(
        default="", metadata={"doc": "The name under which DNS holds the public key: SELECTOR._domainkey.DOMAIN."}
    )
    dkim_key_file: str = field(
        default="",
        metadata={"doc": "The file with the private key, RSA or Ed25519 in PEM form, that only we can read."},
    )
    dkim_key: str = field(
        default="",
        repr=False,
        metadata={"doc": "The private key itself, where no file can be; `\\n` stands for a line break."},
    )
    secret_key: str = field(
        default=DEVELOPMENT_SECRET,
        repr=False,
        metadata={
            "doc": "Signs tokens and keys the hashes of addresses; at least 32 characters, the same on every machine."
        },
    )
    api_host: str = field(default="127.0.0.1", metadata={"doc": "The address that the API listens on."})
    api_port: int = field(default=8000, metadata={"doc": "The port that the API listens on."})
    inbound_token: str = field(
        default="",
        repr=False,
        metadata={
            "doc": "The bearer token with which the mail gateway hands in replies and bounces; "
            "empty accepts them from this machine only."
        },
    )
    mailboxes: str = field(
        default="",
        metadata={
            "doc": "The mailboxes that replies and bounces come to, with spaces between them: "
            "imaps://USER@HOST/INBOX?password=VARIABLE or ?oauth2=VARIABLES; empty reads none."
        },
    )
    sendgrid_public_key: str = field(
        default="",
        metadata={"doc": "The verification key of SendGrid's signed event webhook; empty refuses its events."},
    )
    sendgrid_window: int = field(
        default=5, metadata={"doc": "How many minutes old a call that SendGrid has signed may be; at most 10080."}
    )
    sendgrid_login: str = field(
        default="",
        repr=False,
        metadata={
            "doc": "The user:password that the address of SendGrid's Inbound Parse holds; empty takes its mails only "
            "if they are signed."
        },
    )
    mailgun_signing_key: str = field(
        default="",
        repr=False,
        metadata={"doc": "Mailgun's HTTP webhook signing key; empty refuses its events and mails."},
    )
    postmark_login: str = field(
        default="",
        repr=False,
        metadata={
            "doc": "The user:password that the address of Postmark's webhooks holds; "
            "empty refuses its events and mails."
        },
    )
    ses_topic: str = field(
        default="",
        metadata={"doc": "The ARN of the SNS topic that Amazon SES publishes to; empty refuses its events."},
    )
    resend_secret: str = field(
        default="",
        repr=False,
        metadata={"doc": "The signing secret of Resend's webhook, whsec_…; empty refuses its events."},
    )
    metrics_address: str = field(
        default="",
        metadata={
            "doc": "The IP address and port at which a worker tells Prometheus Temporal's metrics, "
            "like 127.0.0.1:9464; empty tells nobody."
        },
    )
    click_settle: int = field(
        default=10,
        metadata={
            "doc": "For how many seconds a click waits for signs of a scanner before it counts, and within how many of "
            "sending it is taken for one; at most 3600, 0 believes browsers at once."
        },
    )
    demo_ats_url: str = field(
        default="",
        metadata={
            "doc": "The address of a demo ATS that stands in for every ATS of the project, in the words of its vendor."
        },
    )
    ats_poll_minutes: int = field(
        default=10,
        metadata={"doc": "How many minutes lie between two polls of an ATS; at most 1440, 0 leaves it to webhooks."},
    )
    allow_private_webhooks: YesNo = field(
        default="no",
        metadata={"doc": "Whether webhooks may lead into the company's own network, also without TLS: yes or no."},
    )

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        """Read `RAPPORT_*`; ConfigurationError names the variable that does not fit and what would."""
        given = {
            setting.attribute: _read(setting, environ[setting.name]) for setting in SETTINGS if setting.name in environ
        }
        settings = cls(**given)
        settings.check()
        return settings

    def check(self) -> None:
        """Refuse secrets that protect nothing."""
        if self.secret_key == DEVELOPMENT_SECRET:
            if not is_loopback(self.api_host):
                raise ConfigurationError(
                    f"The API listens on {self.api_host} with the development secret.",
                    hint="Set RAPPORT_SECRET_KEY to the output of: openssl rand -hex 32.",
                )
        elif len(self.secret_key) < _SHORTEST_SECRET:
            raise ConfigurationError(
                "RAPPORT_SECRET_KEY is shorter than 32 characters.", hint="Make one: openssl rand -hex 32."
            )

    @property
    def database(self) -> str:
        """The URL of the store, the default filled in."""
        return self.database_url or f"sqlite+aiosqlite:///{self.state_folder / 'rapport.db'}"

    @property
    def inbox_folder(self) -> Path:
        """Where `rapport dev` and `rapport demo` keep the mails that they catch."""
        return self.state_folder / "inbox"

    @property
    def pepper(self) -> bytes:
        """The key for hashes of addresses: derived, so that a leaked hash says nothing about tokens."""
        return hmac.digest(self.secret_key.encode(), b"pepper", hashlib.sha256)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One row of the reference of settings."""

    name: str
    attribute: str
    doc: str
    default: Any = field(repr=False)
    secret: bool


SETTINGS: tuple[Setting, ...] = tuple(
    Setting(
        name=PREFIX + item.name.upper(),
        attribute=item.name,
        doc=item.metadata["doc"],
        default=item.default,
        secret=not item.repr,
    )
    for item in fields(Settings)
)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address; a name other than localhost counts as reachable."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _read(setting: Setting, text: str) -> Any:
    if setting.attribute in _CHOICES:
        return _choice(setting.name, text, _CHOICES[setting.attribute])
    if isinstance(setting.default, int):
        most, what = _NUMBERS.get(setting.attribute, (_HIGHEST_PORT, "port"))
        return _number(setting.name, text, most=most, of=what)
    return Path(text) if isinstance(setting.default, Path) else text


def _choice(name: str, text: str, choices: tuple[str, ...]) -> str:
    if text not in choices:
        *others, last = choices
        raise ConfigurationError(f"{name} is {text!r}.", hint=f"Write {', '.join(others)} or {last}.")
    return text


def _number(name: str, text: str, *, most: int, of: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 <= int(text) <= most):
        raise ConfigurationError(f"{name} is {text!r}.", hint=f"Write a {of}: a number from 0 to {most}.")
    return int(text)
