"""Against a real Postfix and a real Dovecot: whatever becomes of a mail, its walk does what it should."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from rapport.store import consents
from rapport.store.tables.consent import SuppressionRow
from rapport.store.tables.intake import DeliveryRow
from rapport.wiring.mailboxes import reply_forwarder
from tests.mta.servers import MailServers
from tests.mta.town import Town, a_town
from tests.unit.store.worlds import StandingClock

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
async def town(
    servers: MailServers, clock: StandingClock, database: str, request: pytest.FixtureRequest
) -> AsyncIterator[Town]:
    """A house beside the servers."""
    async with a_town(servers, clock, database, request.node.name) as town:
        yield town


async def told(town: Town) -> list[str]:
    """What walks are told of, after their start."""
    async with town.house.store.read() as tx:
        query = select(DeliveryRow).where(DeliveryRow.kind != "start").order_by(DeliveryRow.id)
        rows = (await tx.scalars(query)).all()
    return [str(row.payload.get("kind", row.kind)) for row in rows]


async def closed(town: Town) -> list[tuple[str, str]]:
    """Which addresses get no mail any more, and why."""
    async with town.house.store.read() as tx:
        return [(row.scope, row.reason) for row in await tx.scalars(select(SuppressionRow))]


async def test_an_accepted_mail_arrives_as_it_was_sent(town: Town) -> None:
    """The mail in the person's mailbox is ours to the byte, with the headers that mail programs need."""
    walk, outcome = await town.write_to("ada@dev.test")

    row = await town.send_of(walk)
    [mail] = await town.arrived("ada", containing=str(row.message_id))
    assert ("done", "accepted", 250) == (outcome.status, row.state, row.code)
    assert str(mail["List-Unsubscribe"]).startswith("<http")
    assert "List-Unsubscribe=One-Click" == mail["List-Unsubscribe-Post"]
    assert str(mail["Return-Path"]).startswith("<b+")


@pytest.mark.parametrize(
    ("user", "status", "state", "scopes"),
    [
        ("nobody", "failed", "refused", [(consents.ALL, "bounced")]),
        ("blocked", "failed", "refused", []),
        ("full", "retry", "rendered", []),
        ("slow", "retry", "rendered", []),
    ],
)
async def test_a_refusal_is_final_or_not_as_the_server_says(
    town: Town, user: str, status: str, state: str, scopes: list[tuple[str, str]]
) -> None:
    """550 closes an address that does not exist and no other; 451 and 452 mean later."""
    walk, outcome = await town.write_to(f"{user}@dev.test")

    assert (status, state) == (outcome.status, (await town.send_of(walk)).state)
    assert scopes == await closed(town)


async def test_a_late_bounce_closes_the_address(town: Town) -> None:
    """The server took the mail and finds out afterwards that nobody is there: all walks of the person end."""
    walk, _ = await town.write_to("late-hard@dev.test")

    bounce = await town.heard("bounced")

    assert (walk, "hard") == (bounce.enrollment, bounce.detail["bounce"])
    assert ["bounced"] == await told(town)
    assert [(consents.ALL, "bounced")] == await closed(town)


async def test_a_full_mailbox_ends_nothing(town: Town) -> None:
    """Whoever is on holiday with a full mailbox gets the next mail."""
    await town.write_to("late-full@dev.test")

    bounce = await town.heard("bounced")

    assert "soft" == bounce.detail["bounce"]
    assert [] == await told(town)
    assert [] == await closed(town)


async def test_a_delay_is_noted_and_only_the_failure_counts(town: Town) -> None:
    """The server says first that it still tries, and then that it has given up."""
    await town.write_to("late-slow@dev.test")

    bounce = await town.heard("bounced")

    assert "soft" == bounce.detail["bounce"]
    assert ["noted", "taken"] == sorted(await town.noted())
    assert [] == await told(town)


async def test_a_vacation_note_holds_mails_until_the_day_of_return(town: Town) -> None:
    """It comes to the address for bounces, and is no reply."""
    walk, _ = await town.write_to("away@dev.test")

    away = await town.heard("out_of_office")

    assert (walk, "human") == (away.enrollment, away.verdict)
    assert away.detail["until"].endswith("-03-16")
    assert ["out_of_office"] == await told(town)


async def test_a_reply_moves_its_walk(town: Town) -> None:
    """Whoever answers is heard, and reads no further mail of that walk by mistake."""
    walk, _ = await town.write_to("ada@dev.test")
    row = await town.send_of(walk)
    [mail] = await town.arrived("ada", containing=str(row.message_id))
    town.answer(mail, "Yes, gladly!\n\n> Hi, look.\n", sender="ada@dev.test")

    reply = await town.heard("replied")

    assert (walk, "hello", "human") == (reply.enrollment, reply.step, reply.verdict)
    assert ("Yes, gladly!", "ada@dev.test") == (reply.evidence["text"], reply.evidence["from"])
    assert ["replied"] == await told(town)


async def test_a_reply_reaches_the_recruiter_who_can_answer(town: Town) -> None:
    """It is in the recruiter's mailbox as soon as we have read it, and Reply writes to the candidate."""
    walk, _ = await town.write_to("ada@dev.test")
    row = await town.send_of(walk)
    [mail] = await town.arrived("ada", containing=str(row.message_id))
    town.answer(mail, "Yes, by mail!", sender="ada@dev.test")
    await town.heard("replied")
    await reply_forwarder(town.house).send_waiting()

    [forward] = await town.arrived("anna.koch", containing="Yes, by mail!")
    town.answer(forward, "How about Tuesday?", sender="anna.koch@dev.test")
    [answer] = await town.arrived("ada", containing="How about Tuesday?")
    await town.read()

    assert "ada@dev.test" in str(forward["Reply-To"])
    assert "anna.koch@dev.test" == answer["From"]
    assert ["replied"] == await told(town)


async def test_stop_is_heeded_at_once(town: Town) -> None:
    """Nobody has to look for the link."""
    walk, _ = await town.write_to("ada@dev.test")
    row = await town.send_of(walk)
    [mail] = await town.arrived("ada", containing=str(row.message_id))
    town.answer(mail, "STOP", sender="ada@dev.test")

    await town.heard("unsubscribed")

    assert ["unsubscribed"] == await told(town)
    assert [(consents.ALL, "unsubscribed")] == await closed(town)


async def test_a_mailbox_is_left_as_it_was(town: Town) -> None:
    """Colleagues who look into the same mailbox see what is unread as unread."""
    await town.write_to("late-hard@dev.test")
    await town.heard("bounced")

    assert all(b"\\Seen" not in flags and b"\\Deleted" not in flags for flags in town.flags("inbox"))
