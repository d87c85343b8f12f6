"""`rapport simulate` about one person, as a marketer calls it."""

import asyncio
import json
import re
from pathlib import Path

import click
import jsonschema
import pytest
from click.testing import CliRunner, Result

from cli.preview import preview
from cli.simulate import simulate
from rapport.store.database import Store
from rapport.store.once import insert
from rapport.store.tables.people import PoolMemberRow, TagRow
from tests.unit.cli.hello import hello_folder
from tests.unit.reports.well_formed import read_page
from tests.unit.store.worlds import DAY, MONDAY, a_database, a_person, opened, published

DOCS = Path(__file__).parents[3] / "docs" / "language" / "simulate.md"
STARTS = "2026-03-02 10:00 Europe/Berlin"
_SCHEMA = re.compile(r"<!-- tested: schema of a (\w+) -->\n```json\n(.*?)```", re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small folder of sequences."""
    (tmp_path / "sequences").mkdir()
    return hello_folder(tmp_path / "sequences")


def call(folder: Path, *arguments: object) -> Result:
    """Call `rapport simulate hello`; `return_value` is its exit code."""
    given = ["hello", "--in", folder, "--starts", STARTS, *arguments]
    return CliRunner().invoke(simulate, [str(argument) for argument in given], standalone_mode=False)


def a_file(folder: Path, text: str) -> Path:
    """A file beside the folder."""
    file = folder.parent / "given.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def days(result: Result) -> list[str]:
    """The lines of the calendar."""
    return [line for line in result.output.splitlines() if line.startswith("day ")]


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An installation in which Ana is known."""
    url = a_database(tmp_path)
    monkeypatch.setenv("RAPPORT_DATABASE_URL", url)
    asyncio.run(_fill(url))
    return url


async def _fill(url: str) -> None:
    async with opened(url) as store:
        await _people(store)


async def _people(store: Store) -> None:
    flow = "purpose: nurture\nsteps: [{id: a, send: welcome}]"
    await published(store, flow=flow)
    async with store.write() as tx:
        await a_person(tx, "c_eve", first_name="E\x07ve")
        for name, consent in (("c_ana", ("nurture",)), ("c_ben", ())):
            await a_person(tx, name, consent=consent, timezone="America/New_York", score=40)
            await insert(tx, TagRow(candidate=name, tag="warm", cause="test", at=MONDAY, recorded_at=MONDAY))
            member = PoolMemberRow(
                candidate=name, pool="engineering", cause="test", at=MONDAY - DAY, recorded_at=MONDAY
            )
            await insert(tx, member)


def test_events_are_written_as_in_a_test_file(folder: Path) -> None:
    """The same lines that a marketer writes below `when:`."""
    events = a_file(folder, "- day 3: {clicked: hello}\n- day 1: {out_of_office: {until: day 2}}\n")

    result = call(folder, "--events", events)

    expected = """\
Hello (hello VERSION) for a made-up person
in the zone Europe/Berlin

day 0    Mon 02 Mar 2026 10:00  hello              Send hello
day 0    Mon 02 Mar 2026 10:00  read               Wait 7 days for a click on hello, until Mon 09 Mar 10:00
day 3    Thu 05 Mar 2026 10:00  read               a click on hello happened → then
day 3    Thu 05 Mar 2026 10:00  warm               Add tag warm
day 3    Thu 05 Mar 2026 10:00                     ends: end

mails: 1, actions: 1, ends: end
"""
    assert (0, expected) == (result.return_value, re.sub(r"hello [0-9a-f]{12}", "hello VERSION", result.output))


def test_an_event_that_cannot_happen_is_told(folder: Path) -> None:
    """Nobody clicks a mail that has not been sent."""
    result = call(folder, "--events", a_file(folder, "when: [{day 2: {clicked: again}}]"))

    assert 1 == result.return_value
    assert "when[0]: clicked: again has not been sent by then" in result.output


def test_a_misspelled_event_is_shown_in_its_file(folder: Path) -> None:
    """The rules of test files hold for events, with the line of the file."""
    file = a_file(folder, "- day 3: {clicked: hello}\n- day 4: {clicked: helo}\n")

    result = call(folder, "--events", file)

    assert f'{file}:2:20: "hello" has no send step "helo" — did you mean "hello"? [unknown-mail]' in result.output
    assert "this cannot be simulated" in str(result.exception)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("first_nam: Ana", 'did you mean "first_name"?'),
        ("tags: vip", "tags"),
        ("[1, 2]", "expected fields"),
        ("joined_on: 2026-02-30", "is not a date"),
        ("country: [DE", "[bad-yaml]"),
    ],
)
def test_a_candidate_file_with_a_mistake_is_refused(folder: Path, text: str, said: str) -> None:
    """Better no calendar than one about somebody else."""
    result = call(folder, "--candidate", a_file(folder, text))

    assert said in result.output + str(result.exception)


def test_single_fields_can_be_set(folder: Path) -> None:
    """Without writing a file."""
    result = call(folder, "--set", "candidate.first_name=Zoë", "--set", "candidate.timezone=Asia/Tokyo")

    assert "for Zoë" in result.output


@pytest.mark.usefixtures("stored")
def test_a_name_cannot_steer_the_terminal(folder: Path) -> None:
    """People write what they like into forms, control characters too."""
    assert "for E ve\n" in call(folder, "--person", "c_eve").output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("candidate.contry=DE", 'did you mean "country"?'),
        ("country=DE", "Write candidate.country=DE."),
        ("candidate.country", "Write candidate.country=DE."),
        ("candidate.score=lots", "score is not a whole number"),
    ],
)
def test_a_field_that_is_not_there_cannot_be_set(folder: Path, text: str, said: str) -> None:
    """A slip would change nothing, silently."""
    result = call(folder, "--set", text)

    assert said in result.output + str(result.exception)


@pytest.mark.usefixtures("stored")
def test_a_stored_person_walks_as_they_are(folder: Path) -> None:
    """Profile, score, tags and consent are those of the store, by id or by address."""
    arguments = ["--format", "json", "--days", "1"]

    tree = json.loads(call(folder, "--person", "c_ana", *arguments).output)

    assert {"id": "c_ana", "first_name": "Ana", "timezone": "America/New_York", "country": "DE"} == tree["person"]
    # 10:00 in Berlin is 04:00 in New York, where nobody gets a mail before 07:00.
    assert "2026-03-02T13:00:00+01:00" == tree["mails"][0]["at"]
    assert ([], "read") == (tree["notes"], tree["waits_at"])


@pytest.mark.usefixtures("stored")
def test_a_stored_person_without_consent_is_told_apart(folder: Path) -> None:
    """The calendar says why nothing goes out."""
    result = call(folder, "--person", "c_ben")

    assert "This person would not be enrolled: no_consent." in result.output
    assert "mails: 0, actions: 0, ends: consent" in result.output


@pytest.mark.usefixtures("stored")
def test_nobody_by_that_name(folder: Path) -> None:
    """An id that we do not know is said."""
    assert "There is no candidate 'c_nobody'" in str(call(folder, "--person", "c_nobody").exception)


@pytest.mark.parametrize("command", [simulate, preview])
def test_an_address_in_place_of_a_file_is_told_its_option(folder: Path, command: click.Command) -> None:
    """Whoever wants to see a stored person learns how to name them."""
    result = CliRunner().invoke(command, ["hello", "--in", str(folder), "--candidate", "ana@people.test"])

    said = "'--candidate': there is no file 'ana@people.test'; a person who is stored is named by --person"
    assert (2, True) == (result.exit_code, said in result.output)


@pytest.mark.parametrize("arguments", [(), ("--days", 3)])
def test_json_has_the_documented_shape(folder: Path, arguments: tuple[object, ...]) -> None:
    """Programs rely on it, whether the walk has ended or not."""
    schemas = dict(_SCHEMA.findall(DOCS.read_text(encoding="utf-8")))

    tree = json.loads(call(folder, "--format", "json", *arguments).output)

    jsonschema.validate(tree, json.loads(schemas["calendar"]))


def test_html_is_written_to_a_file(folder: Path) -> None:
    """One page that can be sent to a colleague."""
    file = folder.parent / "ana.html"

    result = call(folder, "--format", "html", "-o", file, "--set", "candidate.first_name=<b>Ana")

    assert (0, f"Written: {file}\n") == (result.return_value, result.output)
    assert "Hello: <b>Ana" in read_page(file.read_text(encoding="utf-8")).words


@pytest.mark.parametrize(
    "arguments",
    [
        ("--pool", "x", "--count", "3"),
        ("--count", "3", "--person", "c_ana"),
        ("--count", "3", "--events", __file__),
        ("--person", "c_ana", "--candidate", __file__),
        ("--clicks", "3"),
        ("--per-day", "3"),
        ("--format", "svg"),
    ],
)
def test_what_makes_no_sense_together_is_a_wrong_use(folder: Path, arguments: tuple[str, ...]) -> None:
    """A flag without an effect would be believed."""
    result = CliRunner().invoke(simulate, ["hello", "--in", str(folder), *arguments])

    assert 2 == result.exit_code


def test_the_events_of_the_documents_can_happen(tmp_path: Path) -> None:
    """The example of the page, with the shipped sequence that it is about."""
    [example] = re.findall(r"```yaml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    events = tmp_path / "events.yaml"
    events.write_text(example)

    arguments = ["welcome-engineering", "--in", str(DOCS.parents[2] / "sequences"), "--events", str(events)]
    result = CliRunner().invoke(simulate, [*arguments, "--starts", STARTS], standalone_mode=False)

    assert (0, True) == (result.return_value, "ends: replied" in result.output)


OTHER = """
schema: 1
title: Other
owner: anna-koch
purpose: nurture
exit: [{replied: any}]
defaults: {from: talent-team}
steps:
  - {id: later, send: hello}
  - {id: fair, send: hello, not_after: candidate.custom.fair_on}
"""


def test_two_walks_of_one_person_share_the_policy(folder: Path) -> None:
    """Each mail is sent, held until a day and hour, or not sent, and the rule that decided stands beside it."""
    project = (folder / "project.yaml").read_text()
    (folder / "project.yaml").write_text(
        project + "custom_fields: {fair_on: date}\n" + "contact_policy: {at_most: [{mails: 1, per: 2 days}]}\n"
    )
    (folder / "other.yaml").write_text(OTHER)

    result = call(folder, "--with", "other", "--set", "candidate.custom.fair_on=2026-03-05")
    told = json.loads(call(folder, "--with", "other", "--format", "json").stdout)

    lines = [re.sub(r" {2,}", "  ", line) for line in days(result)]
    assert [
        "day 0  Mon 02 Mar 2026 10:00  hello  Send hello",
        "day 0  Mon 02 Mar 2026 10:00  other: later  held: at most 1 mail in 2 days, until Wed 04 Mar 10:00",
        "day 2  Wed 04 Mar 2026 10:00  other: later  Send hello",
        "day 2  Wed 04 Mar 2026 10:00  other: fair  not sent: not after candidate.custom.fair_on",
    ] == [line for line in lines if "Send hello" in line or "held" in line or "not sent" in line][:4]
    assert "mails: 2 (3 with other), actions: 0, ends: end" in result.output
    assert {"hello", "other"} == {line["sequence"] for line in told["lines"]}
