"""`check: {rules: …}` of project.yaml: rules that there are, and none that is fixed."""

from collections.abc import Iterator

from rapport.dsl.problem import Problem
from rapport.dsl.rules.rulebook import RULEBOOK
from rapport.dsl.subject import At, Subject
from rapport.dsl.wording import did_you_mean, quoted


def bad_verdict(subject: Subject) -> Iterator[Problem]:
    """A project decides about rules that leave it the choice."""
    section = subject.loaded.tree.get("check")
    rules = section.get("rules") if isinstance(section, dict) else None
    for name, verdict in rules.items() if isinstance(rules, dict) else ():
        at = At(verdict, ("check", "rules", name))
        if name not in RULEBOOK:
            message = f"no rule is called {quoted(name)}{did_you_mean(name, RULEBOOK)}"
            yield subject.at_key(at, "unknown-rule", message, "take the name from docs/rules, or from a message")
        elif RULEBOOK[name].fixed and verdict != "error":
            message = f"{name} stays an error: files would not run as written, or somebody would not be safe"
            yield subject.at_key(at, "fixed-rule", message, "delete this line")


RULES = (bad_verdict,)
