"""Whatever a provider's call holds, reading it ends in events or in a refusal, and never in a fault."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.mail.providers.call import Call, CallRefused
from rapport.mail.providers.event import ProviderName
from tests.unit.mail.providers.signing import AT, PROVIDERS, a_call, as_json, mailgun_proof, provider, sendgrid_call

_WORDS = (
    *("event", "type", "RecordType", "eventType", "notificationType", "Type", "data", "mail", "bounce", "click"),
    *("email", "recipient", "Recipient", "to", "timestamp", "created_at", "severity", "reason", "code", "message"),
    *("headers", "name", "value", "tags", "destination", "bouncedRecipients", "emailAddress", "delivery-status"),
    *("smtp-id", "sg_event_id", "id", "ID", "MessageID", "Metadata", "rapport-send", "user-variables", "link", "url"),
)
_VALUES = ("bounce", "failed", "Bounce", "email.bounced", "click", "permanent", "2026-03-02T09:00:00Z", "\0", "\ud800")
_names = st.sampled_from(_WORDS) | st.text(max_size=5)
_leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**300, max_value=10**310)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from((*_WORDS, *_VALUES))
)
trees = st.recursive(
    _leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_names, inner, max_size=8), max_leaves=25
)


@pytest.mark.parametrize("name", PROVIDERS)
@given(tree=trees)
async def test_any_json_is_read_or_refused(name: ProviderName, tree: Any) -> None:
    """A provider that changes its format stops nothing, and fills no column with what no database takes."""
    try:
        reading = await provider(name).read(a_call(name, tree))
    except CallRefused:
        return

    for event in reading.events:
        texts = (event.id, event.word, event.address, event.token, event.url, event.diagnosis, *event.message_ids)
        assert all("\0" not in text and text.encode() is not None and len(text) <= 2_000 for text in texts)
        assert 0 < len(event.id) <= 150
        assert event.at is None or event.at.tzinfo is not None


@pytest.mark.parametrize("name", PROVIDERS)
@given(body=st.binary(max_size=200))
async def test_any_bytes_are_refused(name: ProviderName, body: bytes) -> None:
    """A stranger's bytes are no call."""
    with pytest.raises(CallRefused):
        await provider(name).read(Call(headers={}, body=body, at=AT))


@pytest.mark.parametrize(
    "headers",
    [
        {
            "x-twilio-email-event-webhook-signature": "é\x80",
            "x-twilio-email-event-webhook-timestamp": "\N{FULLWIDTH DIGIT SEVEN}",
        },
        {"x-twilio-email-event-webhook-signature": "AAAA", "x-twilio-email-event-webhook-timestamp": "9" * 400},
        {"svix-id": "é", "svix-timestamp": "1_7", "svix-signature": "v1,é v1,"},
        {"authorization": "Basic \x80é"},
        {"authorization": "Basic"},
        {"authorization": "Bearer abc"},
    ],
)
@pytest.mark.parametrize("name", PROVIDERS)
async def test_strange_headers_are_refused(name: ProviderName, headers: dict[str, str]) -> None:
    """Letters that no header should have, and numbers that are none."""
    with pytest.raises(CallRefused):
        await provider(name).read(Call(headers=headers, body=b"[]", at=AT))


@pytest.mark.parametrize("name", PROVIDERS)
async def test_a_nesting_of_thousands_is_refused(name: ProviderName) -> None:
    """A body that would exhaust the reader is no event."""
    body = b"[" * 400_000
    headers = dict(a_call(name, {}).headers)

    with pytest.raises(CallRefused):
        await provider(name).read(Call(headers=headers, body=body, at=AT))


async def test_a_time_that_is_no_time_is_no_time() -> None:
    """Seconds of another era, infinities and words are left out."""
    times = [10**30, -(10**30), float("inf"), float("nan"), "soon", "0001-01-01T00:00:00+14:00", True, None, []]

    reading = await provider("sendgrid").read(sendgrid_call([{"event": "open", "timestamp": time} for time in times]))

    assert [None] * len(times) == [event.at for event in reading.events]


async def test_mailguns_proof_must_be_text() -> None:
    """Numbers, lists and nothing are no proof."""
    values: tuple[Any, ...] = (None, [], {}, True, "")
    for field in ("timestamp", "token", "signature"):
        for value in values:
            proof: dict[str, Any] = {**mailgun_proof(), field: value}
            body = as_json({"signature": proof, "event-data": {"event": "opened"}})
            with pytest.raises(CallRefused):
                await provider("mailgun").read(Call(headers={}, body=body, at=AT))
