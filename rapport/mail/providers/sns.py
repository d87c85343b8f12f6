"""Amazon SNS: the envelope around SES's events, its signature, and the only addresses that it may send us to."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.x509 import load_pem_x509_certificate

from rapport.mail.providers.payload import instant
from rapport.mail.providers.proof import from_base64, refused

NOTIFICATION = "Notification"
CONFIRMATION = "SubscriptionConfirmation"
_SIGNED: Mapping[str, tuple[str, ...]] = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    CONFIRMATION: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
_OPTIONAL = "Subject"
_HASHES: Mapping[str, HashAlgorithm] = {
    "1": SHA1(),  # noqa: S303  # what SNS signs with unless the topic says otherwise
    "2": SHA256(),
}
_ARN = re.compile(r"arn:(aws|aws-cn|aws-us-gov):sns:([a-z0-9-]{1,40}):\d{1,20}:[A-Za-z0-9_.-]{1,256}")
_CERTIFICATE = re.compile(r"/SimpleNotificationService-[A-Za-z0-9]{1,80}\.pem")


@dataclass(frozen=True, slots=True)
class Envelope:
    """An SNS message that nobody has believed yet."""

    fields: Mapping[str, Any] = field(repr=False)

    def __getitem__(self, name: str) -> str:
        """A field as text; empty when it is missing or no text."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""

    @property
    def signed_at(self) -> datetime | None:
        """When SNS published it."""
        return instant(self["Timestamp"])

    @property
    def certificate_url(self) -> str:
        """Where the certificate lies; CallRefused unless that is on SNS's own server of the topic's region."""
        return self._own(self["SigningCertURL"], _CERTIFICATE)

    @property
    def subscribe_url(self) -> str:
        """The address that confirms the subscription; CallRefused unless that is on the same server."""
        return self._own(self["SubscribeURL"], re.compile("/"))

    def _own(self, url: str, path: re.Pattern[str]) -> str:
        """Nothing but this host, over TLS: a caller must never choose where we send a request."""
        try:
            parts = urlsplit(url)
        except ValueError:
            raise refused("ses", "forged") from None
        right = (parts.scheme, parts.netloc) == ("https", host_of(self["TopicArn"]))
        if not right or not path.fullmatch(parts.path) or not url.isascii() or any(char.isspace() for char in url):
            raise refused("ses", "forged")
        return url

    def check(self, certificate: bytes, at: datetime) -> None:
        """Verify the signature with a certificate (PEM); CallRefused when either is not right at `at`."""
        algorithm = _HASHES.get(self["SignatureVersion"])
        signature = from_base64(self["Signature"])
        key = _key(certificate, at)
        if algorithm is None or not signature or key is None:
            raise refused("ses", "forged")
        try:
            key.verify(signature, self._canonical(), PKCS1v15(), algorithm)
        except InvalidSignature:
            raise refused("ses", "forged") from None

    def _canonical(self) -> bytes:
        """What SNS signs: each field's name and value on lines of their own, in the order of their names."""
        names = [name for name in _SIGNED[self["Type"]] if name != _OPTIONAL or name in self.fields]
        return "".join(f"{name}\n{self[name]}\n" for name in names).encode("utf-8", "replace")


def envelope(tree: object) -> Envelope:
    """Take a parsed body for an SNS message; CallRefused when fields are missing."""
    if not isinstance(tree, Mapping):
        raise refused("ses", "unreadable")
    found = Envelope(tree)
    wanted = _SIGNED.get(found["Type"])
    if wanted is None or not all(found[name] for name in wanted if name != _OPTIONAL):
        raise refused("ses", "unreadable")
    if not (found["Signature"] and found["SigningCertURL"]):
        raise refused("ses", "unsigned")
    return found


def is_topic(arn: str) -> bool:
    """Whether a text is the ARN of an SNS topic."""
    return _ARN.fullmatch(arn) is not None


def host_of(arn: str) -> str:
    """The one host that speaks for a topic; CallRefused for what is no topic."""
    match = _ARN.fullmatch(arn)
    if match is None:
        raise refused("ses", "foreign")
    return f"sns.{match[2]}.amazonaws.com{'.cn' if match[1] == 'aws-cn' else ''}"


def _key(certificate: bytes, at: datetime) -> RSAPublicKey | None:
    try:
        found = load_pem_x509_certificate(certificate)
        key = found.public_key()
    except ValueError:
        return None
    valid = found.not_valid_before_utc <= at <= found.not_valid_after_utc
    return key if valid and isinstance(key, RSAPublicKey) else None
