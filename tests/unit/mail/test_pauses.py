"""What mail servers mean when they say later."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.mail.pauses import pause_in
from tests.unit.mail.relays import a_mailer, deliver, hanging_up_at, serving

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("text", "pause"),
    [
        ("4.7.1 Greylisted, please try again in 300 seconds", 5 * MINUTE),
        ("4.2.0 <ada@candidate.test>: Recipient address rejected: Greylisted for 5 minutes", 5 * MINUTE),
        ("4.7.1 Greylisting in action, please come back in 00:04:58", timedelta(seconds=298)),
        ("try again in 4 min and 58 s", timedelta(seconds=298)),
        ("4.7.0 Too many connections from 10.0.0.5, retry in 1 hour", 60 * MINUTE),
        ("retry after 90s", timedelta(seconds=90)),
        ("4.2.2 mailbox full", None),
        ("Try again later", None),
        ("4.3.0 queue 300 s old", None),
        ("<ada300s@candidate.test> try again later", None),
        ("try again in 99999 hours", None),
    ],
)
def test_a_pause_is_read_where_one_is_asked_for(text: str, pause: timedelta | None) -> None:
    """Servers write their wishes in prose; what is no wish, or no length of time, is left alone."""
    assert pause == pause_in(text)


@given(st.text(max_size=3_000))
def test_any_text_is_read_without_an_accident(text: str) -> None:
    """Whatever a server says, a pause is none or within a week."""
    pause = pause_in(text)

    assert pause is None or timedelta(0) < pause <= timedelta(days=7)


async def test_the_servers_wish_comes_with_its_refusal() -> None:
    """A 450 that asks for five minutes is `retry`, in five minutes."""
    async with serving(hanging_up_at("dot", {"rcpt": "450 4.7.1 Greylisted, try again in 300 seconds"})) as port:
        delivery = await deliver(a_mailer(port))

    assert ("retry", 5 * MINUTE) == (delivery.status, delivery.retry_after)
