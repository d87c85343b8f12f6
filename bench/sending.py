"""What a mail costs: to write it, to send it through the desk beside plain aiosmtplib, and to keep it."""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time

from aiosmtplib import SMTP

from bench.cast import SEQUENCE
from bench.house import a_house, bytes_of, people_of
from bench.rows import Row, hand_over, median
from rapport.dsl.mail_source import read_mail_source
from rapport.dsl.project import Organization
from rapport.mail.compose import compose
from rapport.mail.draft import Draft
from rapport.mail.sink import Envelope, start_sink
from rapport.settings import Settings
from rapport.usecases.enroll import enroll_now
from rapport.wiring.house import House, signer_of
from worker import run

_HOST = "127.0.0.1"
_ROUNDS = 4
_MAILS_A_ROUND = 60
# The layout, both parts and all headers of one mail: the budget that leaves a core for 500 mails a second.
_COMPOSE_BUDGET_MS = 2.0
_WELCOME = Path(__file__).parents[1] / "sequences" / "mails" / "welcome.md"


class _Receiver:
    """Keeps the last mail, to have one of the same size to send by hand."""

    def __init__(self) -> None:
        self.count = 0
        self.last = b""

    async def take(self, envelope: Envelope) -> None:
        """Take a mail."""
        self.count, self.last = self.count + 1, envelope.raw


async def _measure() -> Sequence[Row]:
    receiver = _Receiver()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sink = await start_sink(_HOST, 0, receiver.take)
        stack.push_async_callback(sink.close)
        settings = Settings(state_folder=folder, smtp_port=sink.port)
        house = await stack.enter_async_context(a_house(settings, people=_ROUNDS * _MAILS_A_ROUND))
        before = bytes_of(settings)
        walks = [await _enrolled(house, name) for name in await people_of(house)]
        smtp = await stack.enter_async_context(SMTP(hostname=_HOST, port=sink.port, start_tls=False))
        found: dict[str, list[float]] = {"ours": [], "raw": []}
        for begin in range(0, len(walks), _MAILS_A_ROUND):
            batch = walks[begin : begin + _MAILS_A_ROUND]
            found["ours"].append(await _per_second(batch, lambda walk: _send(house, walk)))
            found["raw"].append(await _per_second(batch, lambda _: _send_raw(smtp, receiver.last)))
        if receiver.count != 2 * len(walks):
            raise AssertionError(receiver.count)
        grown = (bytes_of(settings) - before) / len(walks)
    print(found)
    ours, raw = median(found["ours"]), median(found["raw"])
    return [
        Row(
            name="milliseconds to compose a mail",
            value=_compose_ms(settings),
            unit="ms",
            baseline=_COMPOSE_BUDGET_MS,
            at_most=1.0,
        ),
        Row(name="mails per second through the desk", value=ours, unit="mails/s", baseline=raw),
        Row(name="store bytes per parked walk, its first mail sent", value=grown, unit="bytes"),
    ]


def _compose_ms(settings: Settings) -> float:
    """The same text for other people, as on the morning of a campaign."""
    draft = _draft(settings)
    rounds = []
    for first in range(0, _ROUNDS * _MAILS_A_ROUND, _MAILS_A_ROUND):
        began = process_time()  # nothing waits here, and neighbors on the machine are none of its business
        for number in range(first, first + _MAILS_A_ROUND):
            candidate = {"first_name": f"Ana {number}", "joined_on": draft.date.date()}
            compose(replace(draft, send_id=number, context={**draft.context, "candidate": candidate}))
        rounds.append(1000 * (process_time() - began) / _MAILS_A_ROUND)
    return median(rounds)


def _draft(settings: Settings) -> Draft:
    acme = Organization(name="Acme", zone="Europe/Berlin", country="DE", postal_address="Musterstr. 1, 10115 Berlin")
    return Draft(
        send_id=0,
        source=read_mail_source(_WELCOME.read_text(encoding="utf-8"), _WELCOME.name),
        context={"sender": {"name": "Anna Koch"}},
        sender_name="Anna Koch",
        sender_email="anna@mail.acme.example",
        to_name="Ana Sample",
        to_address="p@d1.people.test",
        sequence=SEQUENCE,
        purpose="nurture",
        organization=acme,
        reason_line="You get this because you joined Acme's talent community on 2 March 2026.",
        date=datetime(2026, 3, 2, 9, tzinfo=UTC),
        public_url=settings.public_url,
        mail_domain=settings.mail_domain,
        reply_domain=settings.reply_domain,
        bounce_domain=settings.bounce_domain,
        signer=signer_of(settings),
        track_opens=True,
    )


async def _enrolled(house: House, candidate: str) -> str:
    enrolled = await enroll_now(house.store, house.clock, sequence=SEQUENCE, candidate=candidate, cause="bench")
    return enrolled.id


async def _send(house: House, walk: str) -> None:
    outcome = await house.desk.send(walk, "welcome", at=house.clock.now())
    if outcome.status != "done":
        raise AssertionError(outcome)


async def _send_raw(smtp: SMTP, raw: bytes) -> None:
    await smtp.sendmail("talent@mail.acme.example", ["p@d1.people.test"], raw)


async def _per_second(walks: Sequence[str], send: Callable[[str], Awaitable[None]]) -> float:
    """As many at a time as a worker has under way."""
    waiting = iter(walks)

    async def one_after_another() -> None:
        for walk in waiting:
            await send(walk)

    began = perf_counter()
    await asyncio.gather(*(one_after_another() for _ in range(run._MAILS_AT_ONCE)))  # noqa: SLF001  # the worker's own
    return len(walks) / (perf_counter() - began)


if __name__ == "__main__":
    hand_over(sys.argv, asyncio.run(_measure()))
