"""Erasure knows every table that leads to a person, and every column of those that stay."""

from collections.abc import Iterator, Mapping

from sqlalchemy import JSON, Table, Text

from rapport.store.columns import Row
from rapport.store.erasure_rules import RULES, Delete, Empty, Keep
from rapport.store.mentions import PLACES
from rapport.store.schema import METADATA

_PEOPLE = ("candidates", "enrollments", "sends", "happenings")
_WORDS = ("candidate", "enrollment", "send", "happening")
_HOW = (
    "Write what erasing a person does with it into rapport/store/erasure_rules.py: Delete its rows, Empty some of its "
    "columns and say which others stay and why, or Keep it and say why."
)

# Why nobody has to look through the texts of a table when somebody else is erased.
_NO_SENTENCES: Mapping[str, str] = {
    "what another agreed to is append-only, and proves that mails were rightly sent": "consents",
    "a mail of somebody else, as it went out": "sends send_links",
    "ids and words of the plan": "deliveries",
    "what a walk of somebody else did and read": "decisions effects holds deferrals visits reads refusals",
    "somebody else's own addresses, links and former records": "addresses identities merges",
    "what an ATS says of others, of its jobs, and of its troubles": "applications ats_connections ats_errands "
    "ats_people jobs",
    "words of the catalog, and which door changed them": "tags pool_members profile_changes score_entries",
    "ids, counts, hashes and who asked": "bulk_enrollments bulk_people privacy_requests provider_events sender_stops",
    "the company's own files": "mail_texts projects versions sender_harms",
}


def _leads_to_people(table: Table) -> bool:
    references = {key.column.table.name for key in table.foreign_keys}
    return table.name in _PEOPLE or bool(references & {*_PEOPLE}) or bool({*table.columns.keys()} & {*_WORDS})


def _table(row: type[Row]) -> str:
    return str(row.__tablename__)


def _undecided() -> Iterator[str]:
    for rule in RULES:
        if isinstance(rule, Empty | Keep):
            values = rule.values if isinstance(rule, Empty) else {}
            columns, decided = set(METADATA.tables[_table(rule.table)].columns.keys()), {*values, *rule.keeps.split()}
            yield from (f"{_table(rule.table)}.{name}" for name in sorted(columns ^ decided))


def test_every_table_that_leads_to_a_person_has_a_rule() -> None:
    """A table that somebody adds tomorrow cannot be forgotten when a person asks to be."""
    leading = {name for name, table in METADATA.tables.items() if _leads_to_people(table)}
    ruled = [_table(rule.table) for rule in RULES]

    assert sorted(ruled) == sorted(set(ruled))
    assert [] == sorted(leading - {*ruled}), _HOW


def test_every_column_that_stays_was_decided_on() -> None:
    """A column that somebody adds tomorrow to a table that stays is emptied, or somebody has said why not."""
    assert [] == list(_undecided()), _HOW


def test_whatever_stays_says_why() -> None:
    """Nothing is kept of an erased person without a reason."""
    assert [] == [_table(rule.table) for rule in RULES if not isinstance(rule, Delete) and len(rule.because) < 20]


def test_every_text_is_looked_through_or_says_why_not() -> None:
    """A text that somebody adds tomorrow may name a person who asks to be forgotten, in a row of somebody else."""
    with_texts = {
        name
        for name, table in METADATA.tables.items()
        if any(isinstance(column.type, Text | JSON) for column in table.columns)
    }
    looked_through = {str(table.__tablename__) for table in PLACES}
    exempt = {name for names in _NO_SENTENCES.values() for name in names.split()}

    assert [] == sorted(with_texts - looked_through - exempt), "Name it in rapport/store/mentions.py, or say here why."
    assert [] == sorted((looked_through | exempt) - with_texts)
