"""The rulebook: every name that a problem may carry, its severity, and what it means in one sentence.

The loader, the schemas and the rule functions share this one list. `docs/rules/<name>.md` begins with the same
sentence and shows a wrong and a right file; a test holds the two together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Severity = Literal["error", "warning"]
# What a project may make of a rule that is not fixed.
Verdict = Literal["error", "warning", "off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule; one that is `fixed` holds in every project and on every line, whatever a file says."""

    name: str
    sentence: str
    severity: Severity
    fixed: bool

    @property
    def page(self) -> str:
        """The rule's page, as a path from the root of the repository."""
        return f"docs/rules/{self.name}.md"


# Errors that nobody can switch off: the file would not run as written, or somebody would not be safe.
_FIXED: Final = {
    "allow-without-reason": "A `lint: allow` comment does not say why.",
    "bad-date": "A date is not in the calendar, or not written like 2026-03-01.",
    "bad-day": "A day of a test is not written like `day 3` or `day 3 09:00`.",
    "bad-duration": "A length of time is not a number and a unit, or is longer than ten years.",
    "bad-encoding": "A file is not saved as UTF-8.",
    "bad-link": "A link in a mail has no name, or its address is not one of a web page.",
    "bad-name": "A file, or a name in it, has other characters than small letters, digits and hyphens.",
    "bad-number": "A number has more digits than any count or score.",
    "bad-rename": "`renamed` holds an id that a step still has.",
    "bad-share": "The share of a variant is not a whole percentage.",
    "bad-time": "A time of day is not written like 09:30, or a window closes when it opens.",
    "bad-value": "A value cannot stand in this place.",
    "bad-yaml": "A file cannot be read as YAML.",
    "bad-zone": "A time zone is not in the time zone database.",
    "control-character": "A text holds a character that nobody can see.",
    "duplicate-id": "Two steps have the same id.",
    "duplicate-key": "A key is written twice in one place, so that only one of them could count.",
    "empty-file": "A file holds nothing.",
    "enroll-cycle": "Sequences enroll people in a circle.",
    "fixed-rule": "A comment or project.yaml softens a rule that nobody can switch off.",
    "link-outside": "A file is a link that leads out of its folder.",
    "mail-front-matter": "A mail does not begin with its front matter, or a line of it is not `key: text`.",
    "mail-not-yet-sent": "A step asks about a mail that cannot have been sent when a walk gets there.",
    "mail-symlink": "A mail's file is a link to another file.",
    "mail-syntax": "The braces of a text cannot be read, or use what mails may not use.",
    "many-problems": "A file has more problems than anybody reads at once.",
    "missing-id": "A step has no id.",
    "missing-key": "A key that must be there is not.",
    "missing-template": "A step sends a mail, or adds a note, that is not in the `mails` folder.",
    "no-consent": "A sequence is for a purpose that nobody can have agreed to.",
    "no-project": "There is no project.yaml beside the sequences or above them.",
    "no-sender": "A mail comes from nobody.",
    "no-time-limit": "A `wait_for` has no time limit, or has two.",
    "no-unsubscribe-link": "A mail that brings its own HTML does not show how to leave.",
    "not-yet-read": "A condition uses an answer of the ATS before the step that reads it.",
    "second-document": "A file holds a second YAML document.",
    "secret-in-file": "A password or key stands in a file instead of the name of an environment variable.",
    "segment-as-target": "A step adds people to a segment, which fills itself.",
    "segment-cycle": "A segment asks about itself, directly or by way of others.",
    "shares-not-100": "The shares of a split do not add up to 100%.",
    "tab": "A line is indented with a tab.",
    "too-deep": "Values are nested deeper than any sequence needs.",
    "too-large": "A file is larger than any sequence or mail needs.",
    "two-conditions": "A `stop` has both `if` and `unless`.",
    "two-repeats": "A `start` says in two ways how often a person may come.",
    "two-verbs": "A step does two things.",
    "unknown-event": "There is no event of this name.",
    "unknown-field": "There is no field of this name.",
    "unknown-key": "There is no key of this name in this place.",
    "unknown-layout": "A mail names a layout that there is not.",
    "unknown-link": "A step or a test names a link that the mail does not have.",
    "unknown-mail": "An event or a test names a mail that no step sends.",
    "unknown-operator": "There is no operator of this name.",
    "unknown-person": "A person is not in `people` of project.yaml.",
    "unknown-pool": "A pool is not in `pools` of project.yaml.",
    "unknown-purpose": "A condition or a test names a purpose that project.yaml does not declare.",
    "unknown-rule": "A comment or project.yaml names a rule that there is not.",
    "unknown-sender": "A sender is not in `senders` of project.yaml.",
    "unknown-sequence": "There is no sequence of this name in the folder.",
    "unknown-stage": "A condition or a test names a stage in which nobody can be.",
    "unknown-step": "A step has no verb or one that there is not, or a test names a step or variant that there is not.",
    "unknown-webhook": "A webhook is not in `webhooks` of project.yaml.",
    "unknown-window": "A window is not in `windows` of project.yaml.",
    "unquoted-braces": "A text that begins with {{ … }} is not in quotes.",
    "url-in-webhook": "An address stands in project.yaml instead of the name of an environment variable.",
    "window-never-opens": "A window is open only in hours in which no mail goes.",
    "wrong-type": "A field is asked, or compared with, what does not fit its kind.",
    "yaml-alias": "A file uses a YAML anchor or alias.",
    "yaml-directive": "A file begins with a YAML directive.",
    "yaml-tag": "A value has a YAML tag.",
}
# Errors in judgment: the file runs, and a team may decide otherwise, on a line or in project.yaml.
_JUDGED: Final = {
    "html-in-mail": "A mail holds HTML, which people would read as it stands.",
    "no-exit": "A sequence of several mails has no exit, so that people who answer get the next one.",
    "too-many-mails": "Somebody can get more mails in a week than the contact policy allows.",
    "unreachable-step": "No walk can get to a step.",
}
# Advice: allowed, and probably not meant.
_WARNINGS: Final = {
    "allow-unused": "A `lint: allow` comment allows nothing.",
    "branch-same-both": "All branches of a step do the same.",
    "clipped-mail": "A mail is longer than mail programs show.",
    "constant-condition": "A condition holds for everybody, or for nobody.",
    "copy-only-branch": "The branches of an `if` differ only in which mail they send.",
    "data-in-link": "Data about a person stands in the address of a link.",
    "guard-by-negation": "A `stop` asks for what is not so, and lets everybody through of whom nothing is known.",
    "long-silence": "Somebody hears nothing for more than 120 days, and then gets another mail.",
    "many-paths": "A sequence has more paths than can be walked one by one.",
    "no-holdout": "A split compares different treatments, and everybody gets one.",
    "no-postal-address": "The organization has no postal address, and without one no mail is sent.",
    "no-stand-in-sender": "Mails come from the candidate's recruiter, whom not everybody has, and nobody stands in.",
    "open-as-gate": "A wait hangs on an open, which is known of few people and often made by a machine.",
    "same-mail-twice": "One person may get the same mail twice.",
    "score-never-read": "A step changes the score, and nothing ever looks at it.",
    "short-within": "A `wait_for` gives people less than one business day.",
    "test-without-else": "No test case lets a `wait_for` run out of time.",
    "untested-step": "No test case comes to a step.",
    "variable-may-be-empty": "A text puts out a field that may be empty, and says nothing instead.",
    "weekend-landing": "A wait ends on a fixed day on which the next mail cannot go.",
}

RULEBOOK: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        **{name: Rule(name=name, sentence=text, severity="error", fixed=True) for name, text in _FIXED.items()},
        **{name: Rule(name=name, sentence=text, severity="error", fixed=False) for name, text in _JUDGED.items()},
        **{name: Rule(name=name, sentence=text, severity="warning", fixed=False) for name, text in _WARNINGS.items()},
    }
)

# Found by walking the paths and the test cases, which takes the engine: a check without it says nothing about these.
WALKED: Final = frozenset({"long-silence", "many-paths", "test-without-else", "too-many-mails", "untested-step"})


def severity_of(name: str) -> Severity:
    """What a rule is unless a project says otherwise; a name that is not in the book is taken for an error."""
    return RULEBOOK[name].severity if name in RULEBOOK else "error"
