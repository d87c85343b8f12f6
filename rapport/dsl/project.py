"""What sequences may name: people, senders, windows, pools, purposes, webhooks, the contact policy."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Literal

from rapport.dsl.conditions import Condition, read_condition
from rapport.dsl.duration import Duration
from rapport.dsl.retention import Retention, read_retention
from rapport.dsl.rules.rulebook import Verdict

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# Consent that somebody's conduct implies; by law (CASL) it ends, so whoever notes it says when.
IMPLIED: Final = "implied"
# The purpose with whose consent opens are measured.
TRACKING: Final = "tracking"


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """Who sends, and the defaults for people of whom nothing is known."""

    name: str
    zone: str
    country: str
    language: str = "en"
    postal_address: str = ""
    privacy_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A colleague, named in files by key."""

    key: str
    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Whom a mail comes from: a fixed name and address, or a recruiter found per candidate."""

    key: str
    name: str | None = None
    email: str | None = None
    recruiter: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When mails may go: weekdays, hours from (included) to (excluded), in whose zone, on which holidays not.

    `zone` is `candidate`, `organization` or an IANA name; `holidays` is `candidate`, `organization` or None.
    """

    days: tuple[str, ...] = WEEKDAYS
    opens: str = "00:00"
    closes: str = "24:00"
    zone: str = "candidate"
    holidays: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolDefinition:
    """A talent pool; with `members` it is a segment that people belong to while the condition holds."""

    key: str
    title: str
    expires_after: Duration | None = None
    members: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """At most so many mails in any rolling length of time."""

    mails: int
    per: Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPolicy:
    """What holds for every mail, whatever a sequence says.

    `quiet_after` maps an event to a length of time, or to None for "as long as they are in a process".
    `if_unknown` says what becomes of a mail of which nobody can say whether it left: a person looks (`hold`), or the
    same bytes go once more (`resend`).
    """

    at_most: tuple[Cap, ...] = ()
    never_between: tuple[str, str] | None = ("21:00", "07:00")
    quiet_after: Mapping[str, Duration | None] = field(default_factory=dict)
    per_domain: Mapping[str, str] = field(default_factory=dict)
    stop_sender_at: Mapping[str, str] = field(default_factory=dict)
    if_unknown: Literal["hold", "resend"] = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """What people consent to; `required` False means another legal basis is configured for it.

    `bases` are those that an entry of the ledger may name.
    """

    key: str
    title: str
    expires_after: Duration | None = None
    required: bool = True
    bases: tuple[str, ...] = ("consent", IMPLIED)


@dataclass(frozen=True, slots=True, kw_only=True)
class AtsConnection:
    """A connection to an ATS; secrets, and another address than the vendor's, by the names of environment variables.

    `history_note`: when somebody applies, the ATS gets a note of what we have sent them.
    """

    key: str
    vendor: str
    credentials: str
    webhook_secret: str | None = None
    history_note: bool = False
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookTarget:
    """A webhook that sequences may call; address and secret by the name of an environment variable."""

    key: str
    url: str
    secret: str | None = None


@dataclass(frozen=True, kw_only=True)
class Project:
    """The whole of project.yaml; `source` is the plain JSON that it was read from.

    `synonyms` are other words for a skill, by the word that stands first.
    `verdicts` are the rules of the check that this project takes more or less seriously.
    `half_life` is after how long points of a score are worth half; None: they do not fade.
    """

    organization: Organization
    people: Mapping[str, Person]
    senders: Mapping[str, Sender]
    windows: Mapping[str, Window]
    pools: Mapping[str, PoolDefinition]
    contact_policy: ContactPolicy
    purposes: Mapping[str, Purpose]
    ats: Mapping[str, AtsConnection]
    webhooks: Mapping[str, WebhookTarget]
    custom_fields: Mapping[str, str]
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    retention: Retention = field(default_factory=Retention)
    half_life: timedelta | None = None
    source: Mapping[str, Any]

    @classmethod
    def read(cls, tree: Mapping[str, Any]) -> "Project":
        """Read a checked project.yaml as plain values."""
        purposes = tree.get("consent", {}).get("purposes", {})
        half_life = _length(tree.get("score", {}).get("half_life"))
        return cls(
            organization=Organization(**tree["organization"]),
            people={key: Person(key=key, **value) for key, value in tree.get("people", {}).items()},
            senders={key: Sender(key=key, **value) for key, value in tree.get("senders", {}).items()},
            windows={key: _window(value) for key, value in tree.get("windows", {}).items()},
            pools={key: _pool(key, value) for key, value in tree.get("pools", {}).items()},
            contact_policy=_policy(tree.get("contact_policy", {})),
            purposes={key: _purpose(key, value) for key, value in purposes.items()},
            ats={key: AtsConnection(key=key, **value) for key, value in tree.get("ats", {}).items()},
            webhooks={key: WebhookTarget(key=key, **value) for key, value in tree.get("webhooks", {}).items()},
            custom_fields=dict(tree.get("custom_fields", {})),
            synonyms={key: tuple(words) for key, words in tree.get("skills", {}).get("synonyms", {}).items()},
            verdicts=dict(tree.get("check", {}).get("rules", {})),
            retention=read_retention(tree.get("retention", {})),
            half_life=half_life.roughly() if half_life else None,
            source=tree,
        )


def _window(tree: Mapping[str, Any]) -> Window:
    opens, closes = tree.get("between", ("00:00", "24:00"))
    return Window(
        days=tuple(tree.get("days", WEEKDAYS)),
        opens=opens,
        closes=closes,
        zone=tree.get("zone", "candidate"),
        holidays=tree.get("holidays"),
    )


def _pool(key: str, tree: Mapping[str, Any]) -> PoolDefinition:
    members = tree.get("members")
    return PoolDefinition(
        key=key,
        title=tree["title"],
        expires_after=_length(tree.get("expires_after")),
        members=read_condition(members) if members else None,
    )


def _purpose(key: str, tree: Mapping[str, Any]) -> Purpose:
    required = tree.get("consent", "required") == "required"
    usual = ("consent", IMPLIED) if required else ("consent", IMPLIED, "legitimate_interest")
    return Purpose(
        key=key,
        title=tree["title"],
        expires_after=_length(tree.get("expires_after")),
        required=required,
        bases=tuple(tree.get("bases", usual)),
    )


def _policy(tree: Mapping[str, Any]) -> ContactPolicy:
    never = tree.get("never_between", ("21:00", "07:00"))
    quiet = tree.get("quiet_after", {})
    return ContactPolicy(
        at_most=tuple(Cap(mails=cap["mails"], per=Duration.parse(cap["per"])) for cap in tree.get("at_most", ())),
        never_between=(never[0], never[1]) if never else None,
        quiet_after={
            kind: None if span == "forever_while_active" else Duration.parse(span) for kind, span in quiet.items()
        },
        per_domain=dict(tree.get("per_domain", {})),
        stop_sender_at=dict(tree.get("stop_sender_at", {})),
        if_unknown=tree.get("if_unknown", "hold"),
    )


def _length(text: str | None) -> Duration | None:
    return Duration.parse(text) if text else None
