"""A mail as a reader would get it, composed by the code that composes the real ones; its tokens move nothing."""

import hashlib
import hmac
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from rapport.dsl.mail_source import MailSource
from rapport.dsl.model import Send
from rapport.dsl.project import Project
from rapport.dsl.workspace import Workspace
from rapport.errors import RapportError
from rapport.mail.compose import compose
from rapport.mail.dkim_key import DkimKey
from rapport.mail.draft import Composed, Draft, Thread
from rapport.mail.merge import DataMissing, in_words
from rapport.mail.tokens import Signer
from rapport.mail.variants import choose_variant
from rapport.reports.occasions import Occasion
from rapport.reports.reader import Reader
from rapport.settings import Settings
from rapport.store.tables.walks import EnrollmentRow
from rapport.usecases.compose_mail import Letterhead, draft_of
from rapport.usecases.standing import Standing

# No installation signs with this number, so no door of ours finds a mail behind such a token.
_INERT_KEY = 31
# A mail that lacks more fields than this is about somebody else.
_MOST_MISSING = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """One language of one mail; `is_theirs` says whether the reader would get this one.

    `missing` are the fields without which the mail would not be sent; their places are marked in it. `problem` is what
    else stands in its way, and then there is no `composed`. `fields` are those that the mail uses, with their values.
    """

    occasion: Occasion
    language: str
    file: str
    is_theirs: bool
    sender: str
    fields: tuple[tuple[str, str], ...] = field(repr=False)
    missing: tuple[str, ...] = ()
    problem: str | None = None
    composed: Composed | None = field(default=None, repr=False)


def inert_letterhead(settings: Settings, dkim: DkimKey | None = None) -> Letterhead:
    """The installation's letterhead with tokens that its own doors do not know: no click and no answer moves a walk.

    With `dkim` mails are signed as real ones are, which only those need that leave.
    """
    key = hmac.digest(settings.secret_key.encode(), b"previews", hashlib.sha256)
    return Letterhead(
        signer=Signer(keys={_INERT_KEY: key}, current=_INERT_KEY),
        public_url=settings.public_url.rstrip("/"),
        mail_domain=settings.mail_domain,
        reply_domain=settings.reply_domain,
        bounce_domain=settings.bounce_domain,
        dkim=dkim,
    )


@dataclass(frozen=True, kw_only=True)
class Proofs:
    """The mails of a folder for one reader, as they would be composed at `at`.

    `number` stands for the send: the same one gives the same bytes. `mark` is written in front of every subject, and
    `to` is an address that gets the mail instead of the reader.
    """

    workspace: Workspace
    project: Project
    reader: Reader
    letterhead: Letterhead
    at: datetime
    number: int = 0
    mark: str = ""
    to: str | None = None

    def of(self, occasion: Occasion) -> list[Preview]:
        """Every language of a mail, the one that this reader would get first."""
        found = [self._preview(occasion, language) for language, _ in self._variants(occasion.mail)]
        return sorted(found, key=lambda one: not one.is_theirs)

    def _preview(self, occasion: Occasion, language: str | None) -> Preview:
        draft = self._draft(occasion, occasion.send, language)
        if occasion.before is not None:
            first, _, _ = _composed(self._draft(occasion, occasion.before, self._theirs(occasion.before.mail)))
            draft = replace(draft, thread=Thread(references=(), subject=first.subject if first else ""))
        composed, missing, problem = _composed(draft)
        return Preview(
            occasion=occasion,
            language=draft.language or "",
            file=draft.file,
            is_theirs=language == self._theirs(occasion.mail),
            sender=f"{draft.sender_name} <{draft.sender_email}>",
            fields=tuple(_values(draft)),
            missing=missing,
            problem=problem,
            composed=composed,
        )

    def _draft(self, occasion: Occasion, send: Send, language: str | None) -> Draft:
        source = self.workspace.texts.sources[send.mail, language]
        here = self._standing(occasion)
        draft = draft_of(
            here,
            send,
            self.letterhead,
            number=self.number,
            source=replace(source, subject=f"{self.mark}{source.subject}"),
            language=language or self.project.organization.language,
            file=f"mails/{send.mail}{f'.{language}' if language else ''}.md",
        )
        return replace(draft, to_name=None, to_address=self.to) if self.to else draft

    def _standing(self, occasion: Occasion) -> Standing:
        """Where a walk would stand that is about to send this mail; its rows are in no database."""
        plan, person = occasion.plan, self.reader.row
        row = EnrollmentRow(
            id=f"{plan.sequence}/{person.id}/preview",
            sequence=plan.sequence,
            candidate=person.id,
            n=0,
            version="",
            state="running",
            enrolled_at=self.at,
            recorded_at=self.at,
            cause="preview",
        )
        return Standing(
            at=self.at,
            row=row,
            person=person,
            owner=occasion.owner,
            plan=plan,
            project=self.project,
            situation=self.reader.situation(plan.purpose, self.at),
            ledger=self.reader.ledger,
            stopped=(),
            sends=(),
        )

    def _variants(self, mail: str) -> list[tuple[str | None, MailSource]]:
        return list(self.workspace.texts.versions_of(mail))

    def _theirs(self, mail: str) -> str | None:
        stems = {f"{mail}.{language}" if language else mail: language for language, _ in self._variants(mail)}
        return stems[choose_variant(mail, self.reader.row.locale, stems, self.project.organization.language)]


def _composed(draft: Draft) -> tuple[Composed | None, tuple[str, ...], str | None]:
    """The mail with every missing value marked, what was missing, and what stands in its way beside that."""
    context: dict[str, Any] = deepcopy(dict(draft.context))
    missing: list[str] = []
    while True:
        try:
            return compose(replace(draft, context=context)), tuple(missing), None
        except DataMissing as hole:
            if len(missing) == _MOST_MISSING or not _mark(context, hole.path):
                return None, tuple(missing), str(hole)
            missing.append(hole.path)
        except RapportError as wrong:
            return None, tuple(missing), str(wrong)


def _mark(context: dict[str, Any], path: str) -> bool:
    """Write into a field that it is missing; whether it is one of the fields that were handed in."""
    *parents, name = path.split(".")
    tree: Any = context
    for parent in parents:
        tree = tree.get(parent) if isinstance(tree, dict) else None
    if not isinstance(tree, dict) or tree.get(name) not in (None, "", []):
        return False
    tree[name] = f"[{path} is missing]"
    return True


def _values(draft: Draft) -> Iterator[tuple[str, str]]:
    for path in draft.source.fields:
        value: Any = draft.context
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        shown = value if isinstance(value, str | int | float | list | None) or hasattr(value, "year") else str(value)
        yield path, in_words(shown, draft.language or "en") or "(empty)"
