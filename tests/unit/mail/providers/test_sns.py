"""Amazon's messages never choose where we send a request, and subscribe us to our own topic only."""

import json
from collections.abc import Callable

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.errors import TemporaryFailure
from rapport.mail.providers.amazon import SnsServers
from rapport.mail.providers.call import Call, CallRefused, Reading
from rapport.mail.providers.ses import Ses
from tests.unit.mail.providers.signing import (
    AT,
    CERTIFICATE,
    SUBSCRIBE,
    TOPIC,
    StandInAmazon,
    an_amazon,
    as_json,
    certificate,
    provider,
    ses_call,
    sns_message,
)

OTHER_TOPIC = TOPIC.replace("ses-events", "somebody-elses")
ELSEWHERE = [
    "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0a1b2c3d.pem",
    "https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-0a1b2c3d.pem",
    "https://evil.example/sns.eu-west-1.amazonaws.com/SimpleNotificationService-0a1b2c3d.pem",
    "https://evil.example#sns.eu-west-1.amazonaws.com/SimpleNotificationService-0a1b2c3d.pem",
    "https://sns.eu-west-1.amazonaws.com@evil.example/SimpleNotificationService-0a1b2c3d.pem",
    "https://evil.example\\@sns.eu-west-1.amazonaws.com/SimpleNotificationService-0a1b2c3d.pem",
    "https://sns.eu-west-1.amazonaws.com:8443/SimpleNotificationService-0a1b2c3d.pem",
    "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0a1b2c3d.pem",
    "https://sns.eu-west-1.amazonaws.com/bucket/evil.pem",
    "https://sns.eu-west-1.amazonaws.com/\nSimpleNotificationService-0a1b2c3d.pem",
    "https://sns.eu-west-1.amazonaws.com/../SimpleNotificationService-0a1b2c3d.pem",
    "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0a1b2c3d.pem\r\nHost: evil",
    "https://169.254.169.254/SimpleNotificationService-0a1b2c3d.pem",
    "https://[::1/SimpleNotificationService-0a1b2c3d.pem",
    "file:///etc/SimpleNotificationService-0a1b2c3d.pem",
    "SimpleNotificationService-0a1b2c3d.pem",
]


class Everything(StandInAmazon):
    """Servers that answer at every address with a certificate that fits, as an attacker's would."""

    async def certificate(self, url: str) -> bytes:
        """Remember who was asked."""
        self.confirmed.append(url)
        return certificate()


def _confirmation(**changes: str) -> Call:
    return Call(headers={}, body=as_json(sns_message("You may", kind="SubscriptionConfirmation", **changes)), at=AT)


async def _read(call: Call, amazon: StandInAmazon) -> Reading:
    return await provider("ses", amazon=amazon).read(call)


async def _reason(call: Call, amazon: StandInAmazon) -> str:
    with pytest.raises(CallRefused) as refused:
        await _read(call, amazon)
    return refused.value.reason


@pytest.mark.parametrize("url", ELSEWHERE)
async def test_a_certificate_from_elsewhere_is_not_fetched(url: str) -> None:
    """Only SNS's own server of the topic's region holds its certificates."""
    amazon = Everything()

    assert "forged" == await _reason(ses_call({"eventType": "Send"}, SigningCertURL=url), amazon)
    assert [] == amazon.confirmed


@given(url=st.text(max_size=60) | st.from_regex(r"https://[a-z.@:#?/\\]{0,30}amazonaws\.com[a-z.@:/\\]{0,30}\.pem"))
async def test_no_other_address_than_sns_is_ever_asked(url: str) -> None:
    """Whatever a call names, requests go to one host."""
    amazon = Everything()

    with pytest.raises(CallRefused):
        await _read(ses_call({"eventType": "Send"}, SigningCertURL=url), amazon)

    assert [] == amazon.confirmed


async def test_another_topic_costs_no_request() -> None:
    """A stranger's own topic has right signatures, too; it is not ours."""
    amazon = Everything()

    assert "foreign" == await _reason(ses_call({"eventType": "Send"}, TopicArn=OTHER_TOPIC), amazon)
    assert [] == amazon.confirmed


async def test_a_subscription_to_our_topic_is_confirmed() -> None:
    """Setting up takes no click: the topic is in the settings."""
    amazon = an_amazon()

    reading = await _read(_confirmation(), amazon)

    assert [SUBSCRIBE] == amazon.confirmed
    assert [("other", "SubscriptionConfirmation")] == [(event.kind, event.word) for event in reading.events]


@pytest.mark.parametrize(
    "changes",
    [
        {"TopicArn": OTHER_TOPIC},
        {"SubscribeURL": "https://evil.example/?Action=ConfirmSubscription"},
        {"SubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription"},
        {"SubscribeURL": "https://sns.eu-west-1.amazonaws.com/other?Action=ConfirmSubscription"},
        {"SubscribeURL": "http://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription"},
    ],
)
async def test_no_other_subscription_is_confirmed(changes: dict[str, str]) -> None:
    """Nobody subscribes us to a topic of theirs, or has us call an address of theirs, though Amazon has signed."""
    amazon = an_amazon()

    assert await _reason(_confirmation(**changes), amazon) in ("foreign", "forged")
    assert [] == amazon.confirmed


async def test_a_confirmation_that_nobody_signed_is_not_confirmed() -> None:
    """A forged confirmation makes no request."""
    amazon = an_amazon()
    message = {**sns_message("You may", kind="SubscriptionConfirmation"), "Token": "another"}

    assert "forged" == await _reason(Call(headers={}, body=as_json(message), at=AT), amazon)
    assert [] == amazon.confirmed


async def test_the_end_of_a_subscription_is_noted_and_not_taken_back() -> None:
    """Whoever ends it at Amazon meant it."""
    amazon = an_amazon()
    message = sns_message("You have", kind="UnsubscribeConfirmation")

    reading = await _read(Call(headers={}, body=as_json(message), at=AT), amazon)

    assert ["UnsubscribeConfirmation"] == [event.word for event in reading.events]
    assert [] == amazon.confirmed


@pytest.mark.parametrize("pem", [certificate(until=AT.replace(day=1)), b"", b"-----BEGIN CERTIFICATE-----\nAA==\n"])
async def test_a_certificate_that_is_none_or_has_expired_proves_nothing(pem: bytes) -> None:
    """A key that Amazon gave up is nobody's."""
    assert "forged" == await _reason(ses_call({"eventType": "Send"}), StandInAmazon({CERTIFICATE: pem}))


async def test_a_plain_message_to_the_topic_is_believed_and_no_event() -> None:
    """Amazon's test message says that all is well, in words."""
    message = sns_message("Successfully validated SNS topic")

    reading = await _read(Call(headers={}, body=as_json(message), at=AT), an_amazon())

    assert (0, 1) == (len(reading.events), reading.broken)


async def test_china_has_a_domain_of_its_own() -> None:
    """The host follows from the topic, never from the call."""
    topic = "arn:aws-cn:sns:cn-north-1:123456789012:ses-events"
    url = "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-0a1b2c3d.pem"
    adapter = Ses(frozenset({topic}), StandInAmazon({url: certificate()}))

    reading = await adapter.read(ses_call({"eventType": "Send"}, TopicArn=topic, SigningCertURL=url))

    assert ["Send"] == [event.word for event in reading.events]


def _servers(answer: Callable[[httpx.Request], httpx.Response]) -> tuple[SnsServers, list[str]]:
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return answer(request)

    return SnsServers(httpx.MockTransport(handle)), asked


async def test_a_certificate_is_fetched_once() -> None:
    """Thousands of events cost one request."""
    servers, asked = _servers(lambda _: httpx.Response(200, content=certificate()))

    found = {await servers.certificate(CERTIFICATE) for _ in range(3)}

    assert ({certificate()}, [CERTIFICATE]) == (found, asked)


async def test_only_a_few_certificates_are_kept() -> None:
    """A stranger who makes up addresses fills no memory."""
    servers, asked = _servers(lambda _: httpx.Response(200, content=b"x"))

    for number in range(40):
        await servers.certificate(f"{CERTIFICATE}{number}")

    assert (16, 40) == (len(servers._kept), len(asked))  # what is kept can be seen nowhere else


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(302, headers={"location": "https://evil.example/"}), TemporaryFailure),
        (httpx.Response(503), TemporaryFailure),
        (httpx.Response(404), CallRefused),
        (httpx.Response(200, content=b"x" * 70_000), CallRefused),
    ],
    ids=["redirect", "away", "missing", "huge"],
)
async def test_what_is_no_certificate_is_not_kept(answer: httpx.Response, error: type[Exception]) -> None:
    """A redirect is not followed, a flood is not read, and Amazon is asked again when it is back."""
    servers, asked = _servers(lambda _: answer)

    for _ in range(2):
        with pytest.raises(error):
            await servers.certificate(CERTIFICATE)

    assert [CERTIFICATE, CERTIFICATE] == asked


async def test_amazon_away_is_no_reason_to_refuse() -> None:
    """The provider repeats a call that nobody could check."""

    def fail(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route")

    servers, _ = _servers(fail)

    with pytest.raises(TemporaryFailure, match="sns"):
        await servers.confirm(SUBSCRIBE)


def test_the_message_of_these_tests_is_what_sns_sends() -> None:
    """The fixtures have the fields of Amazon's documentation."""
    message = sns_message(json.dumps({"eventType": "Send"}), Subject="Amazon SES")

    wanted = {"Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp"}
    assert wanted | {"SignatureVersion", "Signature", "SigningCertURL"} == set(message)
