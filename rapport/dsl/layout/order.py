"""The order of keys, and what stands in brackets: the language page and the shipped sequences, as tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import PurePath
from typing import Final, Literal

Kind = Literal["sequence", "test", "project", "change"]
_STEP: Final = (
    *("id", "renamed", "send", "wait", "wait_until", "wait_for", "split", "score", "tag", "pool", "ats", "enroll"),
    *("webhook", "task", "stop", "if", "unless", "as", "from", "send_between", "reply_to_previous", "not_after"),
    *("within", "until", "if_fails", "then", "else"),
)


class Style(Enum):
    """Brackets as they were written while the line is short enough, always then, or never."""

    AS_WRITTEN = auto()
    BRACKETS = auto()
    BLOCK = auto()


@dataclass(frozen=True, kw_only=True)
class Role:
    """What a mapping or list is for, and so how it is written.

    `order` is empty where any order means something, as in a condition. `groups` are keys that stand together, with an
    empty line between the groups. A mapping of up to `short` entries is in brackets, one with a key of `long` only if
    somebody wrote it so. Around the entries of a `spread` list that take several lines there are empty lines.
    """

    order: tuple[str, ...] = ()
    style: Style = Style.AS_WRITTEN
    inside: Mapping[str, "Role"] = field(default_factory=dict)
    values: "Role | None" = None
    items: "Role | None" = None
    groups: tuple[tuple[str, ...], ...] = ()
    spread: bool = False
    short: int = 0
    long: tuple[str, ...] = ()

    def of(self, key: str | None) -> "Role":
        """The role of what stands under a key, or in a list."""
        if key is None:
            return self.items or FREE
        return self.inside.get(key) or self.values or FREE


FREE: Final = Role()
_MOMENT: Final = Role(order=("day", "offset", "at", "if_late"), style=Style.BRACKETS)
_CLICK: Final = Role(order=("step", "link"))
_OF_EVENTS: Final = {
    "clicked": _CLICK,
    "machine_clicked": _CLICK,
    "rejected": Role(order=("stage", "reason")),
    "sequence_ended": Role(order=("sequence", "as")),
}
_EVENT: Final = Role(style=Style.BRACKETS, inside=_OF_EVENTS)
_EVENTS: Final = Role(style=Style.BRACKETS, inside=_OF_EVENTS, items=_EVENT)
_CONDITION: Final = Role(style=Style.BRACKETS, long=("all", "any", "none"))
_CHANGE_OF: Final = Role(style=Style.BRACKETS)
_ARGUMENTS: Final[Mapping[str, Role]] = {
    **dict.fromkeys(("score", "tag", "pool", "ats"), _CHANGE_OF),
    **dict.fromkeys(("if", "unless"), _CONDITION),
    **dict.fromkeys(("wait_until", "until"), _MOMENT),
    "wait_for": _EVENT,
    "webhook": Role(order=("to", "data"), style=Style.BRACKETS),
    "task": Role(order=("for", "title", "due"), style=Style.BRACKETS),
    "if_fails": Role(order=("retry_for", "then"), style=Style.BRACKETS),
}


def _steps() -> Role:
    """A step holds steps, so its role is tied into a ring."""
    inside = dict(_ARGUMENTS)
    step = Role(order=_STEP, short=2, inside=inside)
    inside["then"] = inside["else"] = Role(style=Style.BLOCK, items=step)
    arm = Role(order=("share", "do"), inside={"do": Role(items=step)})
    inside["split"] = Role(style=Style.BLOCK, values=arm)
    return Role(style=Style.BLOCK, items=step, spread=True)


_START: Final = Role(
    order=("when", "only_if", "once_per", "again_after", "once"),
    style=Style.BLOCK,
    inside={"when": _EVENTS, "only_if": _CONDITION},
)
_SEQUENCE_GROUPS: Final = (
    ("schema", "title", "owner", "purpose"),
    ("start",),
    ("goal", "exit"),
    ("defaults",),
    ("steps",),
)
_SEQUENCE: Final = Role(
    order=tuple(key for group in _SEQUENCE_GROUPS for key in group),
    groups=_SEQUENCE_GROUPS,
    inside={
        "start": _START,
        "goal": _EVENTS,
        "exit": Role(style=Style.BLOCK, items=_EVENT),
        "defaults": Role(order=("from", "send_between"), style=Style.BRACKETS),
        "steps": _steps(),
    },
)
_GIVEN: Final = ("candidate", "event", "application", "mocks", "variants", "policy")
_EXPECTED: Final = Role(order=("mails", "actions", "candidate", "ends"))
_CASE: Final = Role(
    order=("case", "policy", "mocks", "variants", "candidate", "event", "application", "when", "then"),
    style=Style.BLOCK,
    inside={"when": Role(style=Style.BLOCK), "then": _EXPECTED},
)
_TEST: Final = Role(
    order=("sequence", "starts", *_GIVEN, "cases"),
    groups=(("sequence", "starts", *_GIVEN), ("cases",)),
    inside={"cases": Role(style=Style.BLOCK, items=_CASE, spread=True)},
)
_PROJECT_GROUPS: Final = (
    ("schema", "organization"),
    ("people",),
    ("senders",),
    ("windows",),
    ("pools",),
    ("score",),
    ("contact_policy",),
    ("consent",),
    ("retention",),
    ("ats",),
    ("webhooks",),
    ("custom_fields",),
    ("skills",),
    ("check",),
)
_PERSON: Final = Role(order=("name", "email", "recruiter"))
_PROJECT: Final = Role(
    order=tuple(key for group in _PROJECT_GROUPS for key in group),
    groups=_PROJECT_GROUPS,
    inside={
        "organization": Role(order=("name", "zone", "country", "language", "postal_address", "privacy_url")),
        "people": Role(values=_PERSON),
        "senders": Role(values=_PERSON),
        "windows": Role(values=Role(order=("days", "between", "zone", "holidays"))),
        "pools": Role(values=Role(order=("title", "expires_after", "members"))),
        "contact_policy": Role(
            order=("at_most", "never_between", "quiet_after", "per_domain", "if_unknown", "stop_sender_at"),
            inside={"at_most": Role(items=Role(order=("mails", "per")))},
        ),
        "consent": Role(
            order=("purposes",), inside={"purposes": Role(values=Role(order=("title", "expires_after", "consent")))}
        ),
        "ats": Role(values=Role(order=("vendor", "credentials", "webhook_secret"))),
        "webhooks": Role(values=Role(order=("url", "secret"))),
    },
)
_CHANGE: Final = Role(order=("sequence", "from", "people_in_it", "steps", "timers", "at_most"))
ROLES: Final[Mapping[Kind, Role]] = {"sequence": _SEQUENCE, "test": _TEST, "project": _PROJECT, "change": _CHANGE}


def kind_of(path: PurePath) -> Kind:
    """What kind of file a name stands for."""
    if path.parent.name == "changes":
        return "change"
    if path.name == "project.yaml":
        return "project"
    return "test" if path.name.endswith(".test.yaml") else "sequence"
