"""What is said once, above a drawing: the title, what counts as a success, and what ends the walk at any step."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from rapport.dsl import model
from rapport.dsl.plan import Plan
from rapport.engine import words

# The always-on ends of the language, in one line.
_ALWAYS = "an unsubscribe, a hard bounce, a complaint, a hire, or consent that is gone"


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A sequence as it is drawn; `counts` says of steps, by id, how many people came there."""

    plan: Plan
    title: str
    counts: Mapping[str, int] = field(default_factory=dict)

    def came(self, step: str) -> str:
        """`1,240 people`; empty for a step that has no count."""
        number = self.counts.get(step)
        return "" if number is None else f"{number:,} {'person' if number == 1 else 'people'}"

    @property
    def usual(self) -> tuple[str, str]:
        """Sender and window of most mails, written as beside a step; a drawing names them once and then the others."""
        mails = [node.action for node in self.plan.nodes if isinstance(node.action, model.Send)]
        found = Counter(sent_by(mail) for mail in mails).most_common(1)
        return found[0][0] if found else ("", "")

    @property
    def header(self) -> tuple[tuple[str, str], ...]:
        """The lines above the drawing: what each is about, and what it says."""
        goal = " or ".join(words.event(pattern) for pattern in self.plan.goal)
        leaves = " or ".join(words.event(pattern) for pattern in self.plan.exit)
        mails = ", ".join(filter(None, self.usual))
        lines = (
            ("Purpose", self.plan.purpose),
            ("Mails", mails),
            ("Goal", goal),
            ("Exit", leaves),
            ("Always ends at", _ALWAYS),
        )
        return tuple((name, said) for name, said in lines if said)


def sent_by(mail: model.Send) -> tuple[str, str]:
    """`from talent-team` and `within office-hours`; the second is empty without a window."""
    return f"from {mail.sender}", f"within {mail.window}" if mail.window else ""
