"""Providers as they call: bodies signed with keys that were made for these tests."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from rapport.mail.providers.call import Call, Provider
from rapport.mail.providers.event import ProviderName
from rapport.mail.providers.proof import refused
from rapport.mail.providers.registry import providers_of
from rapport.settings import Settings

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TOPIC = "arn:aws:sns:eu-west-1:123456789012:ses-events"
CERTIFICATE = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0a1b2c3d.pem"
SUBSCRIBE = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=t&Token=0123"
MAILGUN_KEY = "a-mailgun-key"
LOGIN = "rapport:a-long-password"
RESEND_KEY = hashlib.sha256(b"resend").digest()
RESEND_SECRET = f"whsec_{base64.b64encode(RESEND_KEY).decode()}"
SVIX_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
MAILGUN_TOKEN = "a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0"  # noqa: S105  # of these tests only
PROVIDERS: tuple[ProviderName, ...] = ("sendgrid", "mailgun", "postmark", "ses", "resend")


@dataclass(slots=True)
class StandInAmazon:
    """SNS's servers: they have what `certificates` holds, and remember which subscriptions were confirmed."""

    certificates: dict[str, bytes] = field(default_factory=dict)
    confirmed: list[str] = field(default_factory=list)

    async def certificate(self, url: str) -> bytes:
        """The certificate; CallRefused for an address that holds none."""
        if url not in self.certificates:
            raise refused("ses", "forged")
        return self.certificates[url]

    async def confirm(self, url: str) -> None:
        """Remember it."""
        self.confirmed.append(url)


@cache
def sendgrid_key() -> ec.EllipticCurvePrivateKey:
    """SendGrid's key of this test run."""
    return ec.generate_private_key(ec.SECP256R1())


@cache
def sns_key() -> rsa.RSAPrivateKey:
    """Amazon's key of this test run."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_text(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    """A public key as a settings page shows it."""
    return base64.b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


@cache
def certificate(*, until: datetime = AT + timedelta(days=300)) -> bytes:
    """Amazon's certificate of this test run, in PEM."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(sns_key().public_key())
        .serial_number(1)
        .not_valid_before(AT - timedelta(days=60))
        .not_valid_after(until)
        .sign(sns_key(), SHA256())
    )
    return made.public_bytes(Encoding.PEM)


def an_amazon() -> StandInAmazon:
    """SNS's servers with the one certificate that signs."""
    return StandInAmazon({CERTIFICATE: certificate()})


def settings(**changes: Any) -> Settings:
    """An installation that believes all five."""
    return Settings(
        **{
            "sendgrid_public_key": public_text(sendgrid_key()),
            "mailgun_signing_key": MAILGUN_KEY,
            "postmark_login": LOGIN,
            "ses_topic": TOPIC,
            "resend_secret": RESEND_SECRET,
            **changes,
        }
    )


def provider(name: ProviderName, *, amazon: StandInAmazon | None = None, **changes: Any) -> Provider:
    """The adapter of one provider."""
    return providers_of(settings(**changes), amazon or an_amazon())[name]


def as_json(tree: Any) -> bytes:
    """The shortest JSON, without escapes."""
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def sendgrid_call(tree: Any, *, at: datetime = AT, body: bytes | None = None) -> Call:
    """A call of SendGrid; `body` is the tree in another spelling."""
    timestamp, body = str(int(at.timestamp())), body or as_json(tree)
    signature = sendgrid_key().sign(timestamp.encode() + body, ec.ECDSA(SHA256()))
    headers = {
        "x-twilio-email-event-webhook-signature": base64.b64encode(signature).decode(),
        "x-twilio-email-event-webhook-timestamp": timestamp,
    }
    return Call(headers=headers, body=body, at=at)


def mailgun_proof(*, token: str = MAILGUN_TOKEN, key: str = MAILGUN_KEY, at: datetime = AT) -> dict[str, str]:
    """What Mailgun signs: not the body."""
    timestamp = str(int(at.timestamp()))
    signature = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    return {"timestamp": timestamp, "token": token, "signature": signature}


def mailgun_call(tree: Any, *, token: str = MAILGUN_TOKEN, at: datetime = AT) -> Call:
    """A call of Mailgun with one event."""
    return Call(headers={}, body=as_json({"signature": mailgun_proof(token=token, at=at), "event-data": tree}), at=at)


def postmark_call(tree: Any, *, login: str = LOGIN, at: datetime = AT) -> Call:
    """A call of Postmark with one event."""
    given = base64.b64encode(login.encode()).decode()
    return Call(headers={"authorization": f"Basic {given}"}, body=as_json(tree), at=at)


def sns_message(message: str, *, kind: str = "Notification", version: str = "1", **changes: str) -> dict[str, str]:
    """A message of SNS with its signature."""
    said = {
        "Type": kind,
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Message": message,
        "Timestamp": AT.isoformat().replace("+00:00", "Z"),
        **({} if kind == "Notification" else {"Token": "0123", "SubscribeURL": SUBSCRIBE}),
        **{name: value for name, value in changes.items() if name != "SigningCertURL"},
    }
    canonical = "".join(f"{name}\n{said[name]}\n" for name in sorted(said)).encode("utf-8", "replace")
    signature = sns_key().sign(canonical, PKCS1v15(), SHA1() if version == "1" else SHA256())  # noqa: S303  # SNS's own
    return {
        **said,
        "SignatureVersion": version,
        "Signature": base64.b64encode(signature).decode(),
        "SigningCertURL": changes.get("SigningCertURL", CERTIFICATE),
    }


def ses_call(tree: Any, *, at: datetime = AT, **changes: str) -> Call:
    """A call of SNS with one event of SES."""
    published = {"Timestamp": at.isoformat().replace("+00:00", "Z"), **changes}
    return Call(headers={}, body=as_json(sns_message(json.dumps(tree), **published)), at=at)


def resend_call(tree: Any, *, number: str = SVIX_ID, at: datetime = AT, prefix: str = "svix") -> Call:
    """A call of Resend with one event."""
    timestamp, body = str(int(at.timestamp())), as_json(tree)
    signed = hmac.digest(RESEND_KEY, f"{number}.{timestamp}.".encode() + body, hashlib.sha256)
    headers = {
        f"{prefix}-id": number,
        f"{prefix}-timestamp": timestamp,
        f"{prefix}-signature": f"v1,{base64.b64encode(signed).decode()}",
    }
    return Call(headers=headers, body=body, at=at)


def a_call(name: ProviderName, tree: Any, *, at: datetime = AT) -> Call:
    """One event in a provider's own form, told by that provider."""
    match name:
        case "sendgrid":
            return sendgrid_call([tree], at=at)
        case "mailgun":
            return mailgun_call(tree, at=at)
        case "postmark":
            return postmark_call(tree, at=at)
        case "ses":
            return ses_call(tree, at=at)
        case "resend":
            return resend_call(tree, at=at)
