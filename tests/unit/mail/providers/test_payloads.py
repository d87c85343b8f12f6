"""What each provider's events mean to us, with real payloads where they are at hand."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rapport.mail.providers.call import CallRefused
from rapport.mail.providers.event import ProviderEvent, ProviderName
from tests.unit.mail.providers.signing import a_call, as_json, provider, sendgrid_call

DATA = Path(__file__).parents[5] / "shared" / "data" / "esp"
THERE = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data/esp is not there")

# Every payload that is no inbound mail; None: it is no event in the provider's present form.
PAYLOADS: Mapping[str, str | None] = {
    "sendgrid/bounce_event": "bounced hard",
    "sendgrid/click_event": "clicked",
    "sendgrid/compatibility_message_id_from_smtp_id": "delivered",
    "sendgrid/deferred_event": "deferred",
    "sendgrid/delivered_event": "delivered",
    "sendgrid/dropped_bounced": "bounced hard",
    "sendgrid/dropped_invalid_event": "bounced hard",
    "sendgrid/dropped_unsubscribed_event": "unsubscribed",
    "sendgrid/open_event": "opened",
    "sendgrid/processed_event": "other",
    "sendgrid/setUpClass": "other",
    "mailgun/complained_event": "complained",
    "mailgun/delivered_event": None,
    "mailgun/dropped_bounce": None,
    "mailgun/dropped_spam": None,
    "mailgun/dropped_timed_out": None,
    "mailgun/failed_greylisted_event": "deferred",
    "mailgun/failed_permanent_event": "bounced hard",
    "mailgun/failed_temporary_event": "deferred",
    "mailgun/invalid_mailbox": None,
    "mailgun/metadata_key_conflicts": None,
    "mailgun/metadata_key_conflicts-raw_event": None,
    "mailgun/metadata_message_headers": None,
    "mailgun/misconfigured_inbound": None,
    "mailgun/opened_event": "opened",
    "mailgun/rejected_event": "bounced block",
    "mailgun/unsubscribed_event": "unsubscribed",
    "postmark/bounce_event": "bounced hard",
    "postmark/bounce_unsubscribe_variant": "unsubscribed",
    "postmark/click_event": "clicked",
    "postmark/delivered_event": "delivered",
    "postmark/open_event": "opened",
    "postmark/postmark-inbound-test-payload": None,
    "postmark/postmark-inbound-test-payload-with-raw": None,
    "postmark/resubscribe": "other",
    "postmark/spam_event": "complained",
    "postmark/subscription_change_bounce": "bounced hard",
    "postmark/unsubscribe": "unsubscribed",
    "ses/bounce_event": "bounced hard",
    "ses/click_event": "clicked",
    "ses/complaint_event": "complained",
    "ses/delivery_event": "delivered",
    "ses/incorrect_received_event": None,
    "ses/multiple_bounce_event": "bounced hard, bounced hard",
    "ses/open_event": "opened",
    "ses/reject_event": "bounced block",
    "ses/rendering_failure_event": "bounced block",
    "ses/send_event": "other",
    "resend/clicked_event": "clicked",
    "resend/complained_event": "complained",
    "resend/delivered_event": "delivered",
    "resend/delivery_delayed_event": "deferred",
    "resend/hard_bounced_event": "bounced hard",
    "resend/opened_event": "opened",
    "resend/sent_event": "other",
    "resend/suppressed_event": "bounced hard",
}


async def _events(name: ProviderName, tree: Any) -> tuple[ProviderEvent, ...]:
    return (await provider(name).read(a_call(name, tree))).events


async def _event(name: ProviderName, tree: Any) -> ProviderEvent:
    [event] = await _events(name, tree)
    return event


def _shown(event: ProviderEvent) -> str:
    return f"{event.kind} {event.bounce}" if event.bounce else event.kind


@THERE
@pytest.mark.parametrize("place", PAYLOADS)
async def test_real_payloads_mean_what_their_names_say(place: str) -> None:
    """What public test suites hold of each provider is read as its authors meant it."""
    name: Any = place.partition("/")[0]
    tree = json.loads((DATA / f"{place}.json").read_text(encoding="utf-8"))
    tree = tree[0] if isinstance(tree, list) else tree.get("event-data", tree)
    expected = PAYLOADS[place]
    if expected is None:
        with pytest.raises(CallRefused):
            await provider(name).read(replace(a_call(name, {}), body=as_json(tree)))
        return

    events = await _events(name, tree)

    assert expected == ", ".join(_shown(event) for event in events)
    assert all(event.address and event.at for event in events if "rejected" not in place and "variant" not in place)


@THERE
def test_no_payload_is_forgotten() -> None:
    """A payload that is added to the folder gets a meaning."""
    there = {
        f"{path.parent.name}/{path.stem}"
        for path in DATA.glob("*/*.json")
        if not path.name.startswith("inbound-") and "raw_sns_message" not in path.name
    }

    assert there == set(PAYLOADS)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"type": "bounce", "reason": "550 5.1.1 User unknown"}, "hard"),
        ({"type": "bounce", "bounce_classification": "Invalid Address"}, "hard"),
        ({"type": "bounce", "reason": "552 5.2.2 mailbox full"}, "soft"),
        ({"type": "bounce", "bounce_classification": "Reputation", "reason": "550 user unknown"}, "block"),
        ({"type": "bounce", "bounce_classification": "Mailbox Unavailable", "reason": "550 5.2.1 disabled"}, "soft"),
        ({"type": "blocked", "reason": "550 5.7.1 blocked by Spamhaus"}, "block"),
        ({"type": "blocked", "reason": "550 no such user"}, "block"),
        ({"type": "bounce"}, "hard"),
    ],
)
async def test_sendgrids_blocks_never_close_an_address(said: dict[str, str], expected: str) -> None:
    """Only what is about the address itself is hard."""
    event = await _event("sendgrid", {"event": "bounce", **said})

    assert ("bounced", expected) == (event.kind, event.bounce)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"reason": "suppress-bounce"}, "bounced hard"),
        ({"reason": "suppress-complaint"}, "complained"),
        ({"reason": "suppress-unsubscribe"}, "unsubscribed"),
        ({"reason": "generic", "delivery-status": {"code": 605}}, "bounced hard"),
        ({"reason": "espblock", "delivery-status": {"code": 550, "message": "5.1.1 unknown"}}, "bounced block"),
        ({"reason": "old", "delivery-status": {"code": 602}}, "bounced soft"),
        ({"reason": "bounce", "delivery-status": {"code": 550, "message": "5.7.26 DMARC"}}, "bounced block"),
        ({"reason": "bounce", "delivery-status": {"code": "x" * 90}}, "bounced hard"),
    ],
)
async def test_mailgun_says_why_it_gave_up(said: dict[str, Any], expected: str) -> None:
    """What Mailgun remembers of an address counts as if it happened again."""
    event = await _event("mailgun", {"event": "failed", "severity": "permanent", **said})

    assert expected == _shown(event)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("HardBounce", "bounced hard"),
        ("BadEmailAddress", "bounced hard"),
        ("SoftBounce", "bounced soft"),
        ("Transient", "bounced soft"),
        ("DnsError", "bounced soft"),
        ("Blocked", "bounced block"),
        ("SpamNotification", "bounced block"),
        ("DMARCPolicy", "bounced block"),
        ("SpamComplaint", "complained"),
        ("AutoResponder", "other"),
        ("AddressChange", "other"),
        ("ManuallyDeactivated", "other"),
        ("SomethingNew", "bounced block"),
    ],
)
async def test_postmarks_types_of_bounces(kind: str, expected: str) -> None:
    """An out-of-office note is no bounce, whatever Postmark calls it."""
    event = await _event("postmark", {"RecordType": "Bounce", "ID": 7, "Type": kind, "Details": "550 5.1.1 unknown"})

    assert (expected, "Bounce:7") == (_shown(event), event.id)


async def test_what_a_colleague_suppressed_is_no_unsubscription() -> None:
    """Only the person can take their consent back."""
    change = {"RecordType": "SubscriptionChange", "SuppressSending": True, "SuppressionReason": "ManualSuppression"}

    kinds = [(await _event("postmark", {**change, "Origin": origin})).kind for origin in ("Recipient", "Admin")]

    assert ["unsubscribed", "other"] == kinds


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"bounceType": "Permanent", "bounceSubType": "General"}, "hard"),
        ({"bounceType": "Permanent", "bounceSubType": "OnAccountSuppressionList"}, "hard"),
        ({"bounceType": "Transient", "bounceSubType": "MailboxFull"}, "soft"),
        ({"bounceType": "Transient", "bounceSubType": "General"}, "soft"),
        ({"bounceType": "Transient", "bounceSubType": "ContentRejected"}, "block"),
        ({"bounceType": "Undetermined", "bounceSubType": "Undetermined"}, "soft"),
        ({}, "soft"),
    ],
)
async def test_amazons_types_of_bounces(said: dict[str, str], expected: str) -> None:
    """Amazon and Resend use the same words."""
    ses = await _event("ses", {"notificationType": "Bounce", "bounce": said, "mail": {"destination": ["a@b.example"]}})
    bounce = {"type": said.get("bounceType", "Undetermined"), "subType": said.get("bounceSubType", "")}
    resend = await _event("resend", {"type": "email.bounced", "data": {"to": ["A <a@b.example>"], "bounce": bounce}})

    assert [(expected, "a@b.example")] * 2 == [(event.bounce, event.address) for event in (ses, resend)]


async def test_a_permanent_refusal_by_policy_is_ours_to_repair() -> None:
    """Amazon calls it General; the server's own words say that it is about the sender."""
    recipient = {"emailAddress": "a@b.example", "status": "5.7.26", "diagnosticCode": "smtp; 550 5.7.26 DMARC policy"}
    bounce = {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": [recipient]}

    assert "block" == (await _event("ses", {"eventType": "Bounce", "bounce": bounce})).bounce


async def test_a_report_that_a_mail_was_no_spam_is_no_complaint() -> None:
    """Somebody moved it back into the inbox."""
    complaint = {"complaintFeedbackType": "not-spam", "complainedRecipients": [{"emailAddress": "a@b.example"}]}

    assert "other" == (await _event("ses", {"eventType": "Complaint", "complaint": complaint})).kind


@pytest.mark.parametrize(
    ("name", "tree"),
    [
        ("sendgrid", {"event": "open", "sg_machine_open": True, "useragent": "Mozilla/5.0"}),
        ("mailgun", {"event": "opened", "client-info": {"bot": "apple", "user-agent": "Mozilla/5.0"}}),
    ],
)
async def test_a_providers_own_verdict_of_a_machine_is_kept(name: ProviderName, tree: Any) -> None:
    """It saw the whole request; we see what it tells of it."""
    event = await _event(name, tree)

    assert (True, "Mozilla/5.0") == (event.machine, event.agent)


@pytest.mark.parametrize(
    ("name", "tree"),
    [
        ("sendgrid", {"event": "brand_new"}),
        ("mailgun", {"event": "brand_new"}),
        ("postmark", {"RecordType": "brand_new"}),
        ("ses", {"eventType": "brand_new"}),
        ("resend", {"type": "brand_new"}),
    ],
)
async def test_a_type_that_nobody_knows_is_an_event_that_changes_nothing(name: ProviderName, tree: Any) -> None:
    """Providers add types without asking."""
    event = await _event(name, tree)

    assert ("other", "brand_new") == (event.kind, event.word)


async def test_a_batch_with_bad_entries_keeps_the_good_ones() -> None:
    """One entry that nobody can read takes no other with it."""
    good = [{"event": "delivered", "sg_event_id": f"e{number}"} for number in range(3)]
    mixed: list[Any] = [good[0], None, good[1], 7, {}, [], good[2]]

    reading = await provider("sendgrid").read(sendgrid_call(mixed))

    assert (["e0", "e1", "e2"], 4) == ([event.id for event in reading.events], reading.broken)


async def test_an_event_without_an_id_is_known_again_by_what_it_says() -> None:
    """Told twice, it has the same id; told of another mail, another one. No address is in it."""
    told = {"RecordType": "Open", "MessageID": "m1", "Recipient": "ana@people.example", "ReceivedAt": "2026-03-02"}

    ids = [
        (await _event("postmark", {**told, **more})).id
        for more in ({}, {}, {"MessageID": "m2"}, {"ReceivedAt": "2026-03-03"}, {"Recipient": "ben@people.example"})
    ]

    assert (ids[0], 4) == (ids[1], len(set(ids)))
    assert "ana" not in ids[0]
