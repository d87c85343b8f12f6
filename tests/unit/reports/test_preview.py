"""A preview is the mail: the same bytes, with tokens that nobody else's door knows."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rapport.dsl.workspace import load_workspace
from rapport.errors import NotFound
from rapport.ids import send_id
from rapport.reports.occasions import Occasion, occasions
from rapport.reports.preview import Preview, Proofs, inert_letterhead
from rapport.reports.preview_page import preview_page
from rapport.reports.reader import Reader, made_up_reader, sample_reader, stored_reader
from rapport.reports.stored_people import stored_person
from rapport.settings import Settings
from rapport.store.database import Store
from rapport.wiring.house import signer_of
from tests.unit.store.worlds import MONDAY, StandingClock
from tests.unit.usecases.desks import LETTERHEAD, MAIL, a_desk, a_receiver, a_walk

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_PROJECT = """
schema: 1
organization: {name: Acme, zone: Europe/Berlin, country: DE, postal_address: "Musterstr. 1, 10115 Berlin"}
people: {anna-koch: {name: Anna Koch, email: anna.koch@acme.example}}
senders:
  talent-team: {name: Acme, email: talent@acme.example}
  owner-recruiter: {recruiter: owner}
consent: {purposes: {nurture: {title: Mails}, tracking: {title: Opens}}}
"""
_FLOW = """
schema: 1
title: Flow
owner: anna-koch
purpose: nurture
exit: [{replied: any}]
defaults: {from: talent-team}
steps:
  - {id: hello, send: welcome}
  - {id: week, wait: 7 days}
  - {id: city, send: city, from: owner-recruiter, reply_to_previous: true}
"""
_CITY = """---
subject: Jobs in {{ candidate.city or 'your city' }}
---
Jobs near {{ candidate.city }}, {{ candidate.first_name }}: [all]({{ link('jobs', 'https://acme.example/j') }}).
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sequence with two mails, one of them in two languages, and a mail that no sequence sends."""
    (tmp_path / "mails").mkdir()
    texts = {"welcome": MAIL, "welcome.de": MAIL.replace("Hello", "Hallo"), "city": _CITY, "alone": MAIL}
    for name, text in texts.items():
        (tmp_path / "mails" / f"{name}.md").write_text(text)
    (tmp_path / "project.yaml").write_text(_PROJECT)
    (tmp_path / "flow.yaml").write_text(_FLOW)
    return tmp_path


def proofs_of(folder: Path, reader: Reader | None = None, **changes: Any) -> Proofs:
    """The mails of the folder, as the sample person gets them."""
    workspace = load_workspace(folder)
    assert workspace.project is not None
    return Proofs(
        **{
            "workspace": workspace,
            "project": workspace.project,
            "reader": reader or sample_reader(workspace.project, AT, {}),
            "letterhead": inert_letterhead(Settings()),
            "at": AT,
            **changes,
        }
    )


def the_occasion(folder: Path, name: str, step: str | None = None) -> Occasion:
    """The one mail of this name."""
    proofs = proofs_of(folder)
    [found] = occasions(proofs.workspace, proofs.project, name, step)
    return found


def look(folder: Path, name: str, tree: Mapping[str, Any] | None = None, **changes: Any) -> list[Preview]:
    """Every language of a mail, for somebody of whom `tree` tells, or for the sample person."""
    reader = None if tree is None else made_up_reader(tree, AT)
    return proofs_of(folder, reader, **changes).of(the_occasion(folder, name))


def test_sequences_go_before_mails_of_the_same_name(folder: Path) -> None:
    """A sequence is all of its mails; a mail stands where it is sent, or alone."""
    proofs = proofs_of(folder)

    found = {
        name: [(one.step, one.title) for one in occasions(proofs.workspace, proofs.project, name)]
        for name in ("flow", "city", "mails/city.md", "alone")
    }

    city = [("city", "Flow")]
    assert {
        "flow": [("hello", "Flow"), ("city", "Flow")],
        "city": city,
        "mails/city.md": city,
        "alone": [("alone", None)],
    } == found


@pytest.mark.parametrize(("name", "step"), [("nothing", None), ("flow", "week"), ("welcome", "city")])
def test_what_is_not_there_is_told_with_what_is(folder: Path, name: str, step: str | None) -> None:
    """The error lists what there is."""
    with pytest.raises(NotFound, match=r"There are: alone|Send steps of flow: hello, city|No step of this name"):
        the_occasion(folder, name, step)


def test_every_language_is_there_and_the_readers_own_comes_first(folder: Path) -> None:
    """The sample person reads English; a German gets the German text."""
    languages = {
        locale: [(one.language, one.is_theirs) for one in look(folder, "welcome", {"candidate": {"locale": locale}})]
        for locale in ("en", "de-AT")
    }

    assert {"en": [("en", True), ("de", False)], "de-AT": [("de", True), ("en", False)]} == languages


def test_a_missing_value_is_marked_in_its_place(folder: Path) -> None:
    """A real mail would not be sent; here one sees where the hole is."""
    [found] = look(folder, "city", {"candidate": {"first_name": "Ana"}})

    assert ("candidate.city",) == found.missing
    assert found.composed is not None
    assert "Jobs near [candidate.city is missing], Ana" in found.composed.text
    assert ("candidate.city", "(empty)") in found.fields


def test_what_stands_in_the_way_is_told_without_a_mail(folder: Path) -> None:
    """A text that cannot be composed has no preview, and says why."""
    (folder / "mails" / "alone.md").write_text("---\nsubject: Hi\n---\n[x](https://{{ candidate.city }}.example)\n")

    [found] = look(folder, "alone")

    assert found.composed is None
    assert "would decide where a link leads" in str(found.problem)


def test_a_mail_in_a_thread_is_called_as_it_will_be(folder: Path) -> None:
    """Mail programs thread by the subject, so a follow-up takes the first one's."""
    [found] = look(folder, "city")

    assert found.composed is not None
    assert ("Re: Hello Ada", '"Anna Koch" <anna.koch@acme.example>'.replace('"', "")) == (
        found.composed.subject,
        found.sender,
    )


def test_no_token_of_a_preview_is_known_at_our_doors(folder: Path) -> None:
    """A click, an unsubscribe or an answer to it belongs to no mail."""
    settings = Settings()
    [found] = look(folder, "city", number=7)

    assert found.composed is not None
    letters = found.composed.raw.decode() + found.composed.text + found.composed.envelope_sender
    tokens = {word[:28] for mark in ("/c/", "/u/", "b+", "r+", "u+") for word in letters.split(mark)[1:]}
    tokens = {token for token in tokens if len(token) == 28 and "=" not in token}
    assert 4 == len(tokens)
    assert {None} == {signer_of(settings).read(token) for token in tokens}


def test_the_page_shows_frames_text_and_links(folder: Path) -> None:
    """What a marketer looks at before the pull request."""
    proofs = proofs_of(folder)

    text = preview_page("flow", "Ada", [proofs.of(one) for one in occasions(proofs.workspace, proofs.project, "flow")])

    assert 6 == text.count("<iframe sandbox ")
    assert "<td><code>jobs</code></td><td>https://acme.example/j</td>" in text
    assert "<script" not in text


def test_hostile_names_stay_text_in_the_page(folder: Path) -> None:
    """Inside the frame, too: what is escaped in the mail is escaped once more around it."""
    hostile = {"candidate": {"first_name": '"><script>alert(1)</script>', "city": "</iframe><b>"}}

    text = preview_page("city", str(hostile), [look(folder, "city", hostile)])

    assert "<script" not in text
    assert 2 == text.count("</iframe>")
    assert "&amp;lt;script&amp;gt;alert(1)" in text


async def test_a_preview_of_a_stored_person_is_the_mail_byte_for_byte(folder: Path, store: Store) -> None:
    """There is no second renderer: with the real tokens it is what the mail server gets."""
    (folder / "mails" / "welcome.de.md").unlink()
    clock = StandingClock()
    walk = await a_walk(store, clock, "  - {id: hello, send: welcome}\n", person={"city": "Ulm", "last_name": "Roß"})
    async with a_receiver() as receiver:
        await a_desk(store, receiver.mailer(), clock).send(walk, "hello", at=MONDAY)
    proofs = proofs_of(folder, letterhead=LETTERHEAD, number=send_id(walk, "hello"), at=MONDAY)
    async with store.read() as tx:
        stored = await stored_person(tx, "c_ana", proofs.project, at=MONDAY)

    seen = Proofs(**{**vars(proofs), "reader": stored_reader(stored, {})}).of(the_occasion(folder, "welcome"))

    assert seen[0].composed is not None
    assert receiver.mails[0].raw == seen[0].composed.raw
