"""Mails that came back and that a mail provider hands in: stored once, and acknowledged only then."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from httpx import ASGITransport, AsyncClient, Response

from api.app import create_app
from rapport.mail.parsed import ParsedMail
from rapport.mail.providers.call import Call
from rapport.store.database import Store
from rapport.store.tables.incoming import ForwardRow, IncomingMailRow
from rapport.store.tables.intake import HappeningRow
from tests.api.doors import HERE, SentMail, TestHouse, Visitor, visiting
from tests.api.provider_calls import rows_of
from tests.unit.mail.answers import a_report
from tests.unit.mail.providers.handing_in import HANDING_IN, HandsIn, basic, form_call, parsed_call, raw_call
from tests.unit.mail.providers.signing import LOGIN, settings
from tests.unit.store.impatient import make_impatient
from tests.unit.store.worlds import StandingClock, opened

OUTSIDE = "203.0.113.9"
ALL = settings(sendgrid_login=LOGIN, click_settle=0)


@pytest.fixture
async def visitor(store: Store, clock: StandingClock) -> AsyncIterator[Visitor]:
    """A mail provider that receives mails for us; Ana is known."""
    async with visiting(store, clock, settings=ALL, caller=OUTSIDE) as visitor:
        await visitor.person()
        yield visitor


async def _hand_in(visitor: Visitor, name: str, call: Call, path: str = "") -> Response:
    return await visitor.http.post(f"/inbound/{name}{path}", content=call.body, headers=dict(call.headers))


def _a_reply(mail: SentMail, text: str = "Yes, let us talk.", number: int = 1) -> bytes:
    return (
        f"From: Ana <c_ana@people.example>\r\nTo: jobs@acme.example\r\nSubject: Re: Welcome\r\n"
        f"Message-ID: <reply-{number}@people.example>\r\nIn-Reply-To: {mail.message_id}\r\n\r\n{text}\r\n"
    ).encode()


def _to(mail: SentMail) -> str:
    return f"r+{mail.token('reply')}@reply.rapport.test"


@pytest.mark.parametrize("name", HANDING_IN)
@pytest.mark.parametrize("make", [raw_call, parsed_call])
async def test_a_reply_is_heard_and_sent_on(
    visitor: Visitor, store: Store, mail: SentMail, name: HandsIn, make: type
) -> None:
    """However the provider hands it over: the walk hears of it, and the recruiter gets it."""
    answer = await _hand_in(visitor, name, make(name, _a_reply(mail), to=_to(mail)))

    [heard] = await rows_of(store, HappeningRow)
    [forward] = await rows_of(store, ForwardRow)
    [row] = await rows_of(store, IncomingMailRow)
    assert (200, {"kind": "reply", "stored": True}) == (answer.status_code, answer.json())
    assert ("replied", mail.enrollment, "human", "token") == (
        heard.kind,
        heard.enrollment,
        heard.verdict,
        heard.evidence["matched_by"],
    )
    assert "Yes, let us talk." == heard.evidence["text"].strip()
    assert ("waiting", name, "taken") == (forward.state, row.mailbox, row.outcome)


@pytest.mark.parametrize("name", HANDING_IN)
async def test_a_bounce_that_was_taken_apart_closes_the_address(
    visitor: Visitor, store: Store, mail: SentMail, name: HandsIn
) -> None:
    """A delivery report comes as text and attachments, and says what it said."""
    report = a_report("5.1.1", "550 5.1.1 User unknown")
    await _hand_in(visitor, name, parsed_call(name, report, to=f"b+{mail.token('bounce')}@bounce.rapport.test"))

    assert [("bounced", "hard")] == [(row.kind, row.detail["bounce"]) for row in await rows_of(store, HappeningRow)]


async def test_one_mail_by_every_door_counts_once(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """Three providers, raw and taken apart, twice each, and our own gateway: one reply."""
    raw = _a_reply(mail)
    calls = [(name, make(name, raw)) for name in HANDING_IN for make in (raw_call, parsed_call)]
    # Mailgun's proof says nothing of the mail, so that each mail has its own.
    calls = [(name, call) for name, call in calls if name != "mailgun"]
    calls += [("mailgun", raw_call("mailgun", raw, token="1" * 50)), ("mailgun", parsed_call("mailgun", raw))]
    stored = [(await _hand_in(visitor, name, call)).json()["stored"] for name, call in [*calls, *calls]]
    async with visiting(store, StandingClock()) as gateway:
        answer = await gateway.http.post("/inbound/mail", content=raw, headers={"Content-Type": "message/rfc822"})

    assert [True, *[False] * 11, False] == [*stored, answer.json()["stored"]]
    assert 1 == len(await rows_of(store, HappeningRow))
    assert 1 == len(await rows_of(store, IncomingMailRow))


async def test_mailguns_token_vouches_for_one_mail_only(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """Whoever has seen a proof cannot use it for words of their own; Mailgun's own second try is taken."""
    answers = [
        await _hand_in(visitor, "mailgun", raw_call("mailgun", _a_reply(mail)), "/mime"),
        await _hand_in(visitor, "mailgun", raw_call("mailgun", _a_reply(mail, "STOP", 2)), "/mime"),
        await _hand_in(visitor, "mailgun", raw_call("mailgun", _a_reply(mail)), "/mime"),
    ]

    assert [200, 406, 200] == [answer.status_code for answer in answers]
    assert "replayed" == answers[1].json()["reason"]
    assert ["replied"] == [row.kind for row in await rows_of(store, HappeningRow)]


@pytest.mark.parametrize(
    ("name", "change", "status", "reason"),
    [
        ("sendgrid", {"authorization": ""}, 503, "unsigned"),
        ("sendgrid", {"authorization": basic("rapport:wrong")}, 503, "forged"),
        ("postmark", {"authorization": ""}, 401, "unsigned"),
        ("postmark", {"authorization": basic("rapport:wrong")}, 401, "forged"),
    ],
)
async def test_a_login_that_is_wrong_for_an_hour_costs_no_mail(
    visitor: Visitor, store: Store, mail: SentMail, name: HandsIn, change: dict[str, str], status: int, reason: str
) -> None:
    """SendGrid repeats what is answered 5xx alone, and Postmark whatever is not answered 403."""
    call = raw_call(name, _a_reply(mail))
    refused = await _hand_in(visitor, name, replace(call, headers={**call.headers, **change}))
    nothing = await rows_of(store, IncomingMailRow)
    taken = await _hand_in(visitor, name, call)

    assert (status, reason) == (refused.status_code, refused.json()["reason"])
    assert ([], 200) == (nothing, taken.status_code)


@pytest.mark.parametrize(
    ("name", "call", "status"),
    [
        ("sendgrid", form_call({"hello": "x"}, authorization=basic()), 400),
        ("postmark", replace(form_call({}, authorization=basic()), body=b'{"RecordType":"Bounce"}'), 403),
        ("mailgun", form_call({"hello": "x"}), 401),
        ("mailgun", replace(form_call({}), headers={"content-type": "application/json"}), 406),
    ],
)
async def test_what_is_no_mail_is_not_asked_for_again(visitor: Visitor, name: str, call: Call, status: int) -> None:
    """Events that were pointed here by mistake show up as errors at the provider."""
    answer = await _hand_in(visitor, name, call)

    assert status == answer.status_code
    assert "application/problem+json" == answer.headers["content-type"]


async def test_without_secrets_nobody_hands_mails_in(store: Store, clock: StandingClock) -> None:
    """And SendGrid, which would throw away what it is refused, keeps it for three days."""
    app = create_app(TestHouse(store=store), clock)
    async with AsyncClient(transport=ASGITransport(app, client=(OUTSIDE, 1)), base_url=HERE) as stranger:
        answers = [await stranger.post(f"/inbound/{name}", content=b"") for name in (*HANDING_IN, "resend")]

    assert [503, 404, 404, 404] == [answer.status_code for answer in answers]


@pytest.mark.parametrize("name", HANDING_IN)
async def test_a_mail_that_nobody_can_read_is_kept_and_acknowledged(
    visitor: Visitor, store: Store, mail: SentMail, name: HandsIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be the same each time; somebody looks at it, and the provider is not asked for it again."""
    with monkeypatch.context() as patch:
        patch.setattr(ParsedMail, "of", lambda _: 1 / 0)
        answers = [await _hand_in(visitor, name, raw_call(name, _a_reply(mail), to=_to(mail))) for _ in range(2)]

    [row] = await rows_of(store, IncomingMailRow)
    assert [(200, {"kind": "unknown", "stored": False})] * 2 == [(one.status_code, one.json()) for one in answers]
    assert ("quarantined", name, "ZeroDivisionError") == (row.outcome, row.mailbox, row.reason)
    assert _to(mail).encode() in row.raw


@pytest.mark.parametrize("name", HANDING_IN)
async def test_while_the_store_is_busy_the_provider_is_asked_to_come_again(
    database: str,
    visitor: Visitor,
    clock: StandingClock,
    mail: SentMail,
    name: HandsIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is acknowledged that is not stored; the same call is taken later."""
    call = raw_call(name, _a_reply(mail))
    async with opened(database) as busy:
        make_impatient(busy, monkeypatch)
        async with visitor.store.write(), visiting(busy, clock, settings=ALL) as hurried:
            refused = await _hand_in(hurried, name, call)
    taken = await _hand_in(visitor, name, call)

    assert (503, 200, True) == (refused.status_code, taken.status_code, taken.json()["stored"])


async def test_a_mail_with_a_large_file_is_taken_and_a_huge_one_is_not(visitor: Visitor, mail: SentMail) -> None:
    """What the providers take, and no more; proof or not, more is not even read."""
    fields = [("headers", (None, _a_reply(mail))), ("text", (None, "My CV"))]
    calls = [
        form_call({}, [*fields, ("attachment1", ("cv.pdf", b"x" * size, "application/pdf"))], authorization=basic())
        for size in (12_000_000, 33_000_000)
    ]
    answers = [await _hand_in(visitor, "sendgrid", call) for call in calls]

    assert [200, 413] == [answer.status_code for answer in answers]
    assert answers[0].json()["stored"]
