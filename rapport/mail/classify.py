"""The classification of an incoming mail as programs and people read it, and how often it was right."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapport.mail.inbound import Inbound

# What a person pressed is a complaint for whoever sorts by five kinds: the mails were not wanted.
_KINDS: Mapping[str, tuple[str, str | None]] = {
    "bounce_hard": ("bounce", "hard"),
    "bounce_soft": ("bounce", "soft"),
    "bounce_block": ("bounce", "block"),
    "unsubscribe": ("complaint", None),
}


def as_json(mail: Inbound) -> dict[str, Any]:
    """Say in plain words what a mail is; `class` is None for all but bounces, `matched` for what leads nowhere."""
    kind, sub = _KINDS.get(mail.kind, (mail.kind, None))
    return {
        "kind": kind,
        "class": sub,
        "reasons": list(mail.reasons),
        "matched": _matched(mail),
        "delayed": mail.delayed,
        "back_on": mail.back_on.isoformat() if mail.back_on else None,
        "unsubscribe": "button" if mail.kind == "unsubscribe" else mail.opt_out,
    }


def label(kind: str, sub: str | None) -> str:
    """One word for a kind and a class: `reply`, `bounce-hard`."""
    return f"{kind}-{sub}" if sub else kind


def expected_label(written: str) -> str:
    """The label that somebody wrote by hand, in the words of `label`: `Auto-Reply`, `real_reply`, `bounce hard`."""
    plain = written.strip().lower().replace("_", "-").replace(" ", "-").replace(":", "-").replace("/", "-")
    return {"auto-reply": "auto_reply", "autoreply": "auto_reply", "real-reply": "reply", "human": "reply"}.get(
        plain, plain
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What mails were taken for, beside what they are."""

    pairs: Mapping[tuple[str, str], int]

    @classmethod
    def of(cls, expected: Mapping[str, str], actual: Mapping[str, str]) -> "Score":
        """Compare by file; a file that nobody labelled is left out, and a label without a class allows each."""
        return cls(
            pairs=Counter(
                (wanted, got if "-" in wanted or not got.startswith(wanted) else wanted)
                for name, got in actual.items()
                if (wanted := expected.get(name)) is not None
            )
        )

    @property
    def total(self) -> int:
        """How many mails were compared."""
        return sum(self.pairs.values())

    @property
    def right(self) -> int:
        """How many were taken for what they are."""
        return sum(count for (wanted, got), count in self.pairs.items() if wanted == got)

    def people_mistaken(self) -> int:
        """How many people were taken for machines, or machines for people: the mistake that must not happen."""
        machines = ("auto_reply", "bounce", "complaint")
        return sum(
            count
            for pair, count in self.pairs.items()
            if "reply" in pair and any(side.startswith(machines) for side in pair)
        )

    def table(self) -> Iterator[str]:
        """The confusion: a row for what mails are, a column for what they were taken for."""
        rows = sorted({wanted for wanted, _ in self.pairs})
        columns = sorted({got for _, got in self.pairs} | set(rows))
        yield _line("is / taken for", columns)
        for wanted in rows:
            yield _line(wanted, [str(self.pairs.get((wanted, got), 0) or ".") for got in columns])


def _matched(mail: Inbound) -> dict[str, Any] | None:
    if mail.matched_by is None:
        return None
    return {
        "by": mail.matched_by,
        "send": mail.token.send if mail.token else None,
        "message_ids": list(mail.message_ids),
    }


def _line(head: str, cells: Sequence[str]) -> str:
    return f"{head:14}" + "".join(f"{cell:>13}" for cell in cells)
