"""DKIM: a signature over the bytes of a mail, by which receivers know who answers for it (RFC 6376, RFC 8463)."""

import base64
import binascii
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, TypeAlias

import dkim  # type: ignore[import-untyped]  # it ships no types
import nacl.signing
from dkim.crypto import UnparsableKeyError, parse_pem_private_key  # type: ignore[import-untyped]  # as above

from rapport.errors import ConfigurationError

Algorithm: TypeAlias = Literal["rsa-sha256", "ed25519-sha256"]

# A button that acts must be vouched for (RFC 8058, section 4), and Feedback-ID counts for the signing domain only.
SIGNED: Final = (
    *("from", "reply-to", "to", "subject", "date", "message-id", "in-reply-to", "references"),
    *("list-unsubscribe", "list-unsubscribe-post", "list-id", "feedback-id", "mime-version", "content-type"),
)
# Named once more than they occur, so that nobody can add a second one that a mail program would show instead.
OVERSIGNED: Final = ("from", "subject")
_RELAXED = (b"relaxed", b"relaxed")  # relays fold lines anew; a mail must survive that
_SHORTEST_RSA = 1024  # bits; RFC 8301 lets receivers ignore anything shorter
_PEM = re.compile(rb"-----BEGIN ([A-Z ]*)PRIVATE KEY-----\s+([A-Za-z0-9+/=\s]+?)-----END \1PRIVATE KEY-----")
# PKCS #8 of an Ed25519 key is these bytes and then the seed (RFC 8410, section 7).
_ED25519_HEAD = bytes.fromhex("302e020100300506032b657004220420")
_SEED_BYTES = 32
# The algorithm of an RSA public key: OID 1.2.840.113549.1.1.1 and NULL.
_RSA_ALGORITHM = bytes.fromhex("300d06092a864886f70d0101010500")
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")
_HINT = "Make one: openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048 (or -algorithm ed25519)."


@dataclass(frozen=True, slots=True, kw_only=True)
class DkimKey:
    """The key that mails of a domain are signed with; `public` is what DNS says of it, in base64."""

    domain: str
    selector: str
    algorithm: Algorithm
    private: bytes = field(repr=False)
    public: str

    @property
    def place(self) -> str:
        """The name in DNS under which receivers look for the public key."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        """The text that has to stand there."""
        return f"v=DKIM1; k={self.algorithm.partition('-')[0]}; p={self.public}"

    def sign(self, raw: bytes, *, at: datetime) -> bytes:
        """Put the signature in front of the mail; the same bytes and the same instant give the same signature."""
        signing = _Signing(raw, at)
        present = {name.lower().decode("ascii") for name, _ in signing.headers}
        names = [*(name for name in SIGNED if name in present), *OVERSIGNED]
        signature: bytes = signing.sign(
            self.selector.encode(),
            self.domain.encode(),
            self.private,
            signature_algorithm=self.algorithm.encode(),
            canonicalize=_RELAXED,
            include_headers=[name.encode() for name in names],
        )
        return signature + raw


class _Signing(dkim.DKIM):  # type: ignore[misc]  # it ships no types
    """dkimpy's signing at an instant that is given: its own asks the system clock, so that no two are alike."""

    def __init__(self, raw: bytes, at: datetime) -> None:
        super().__init__(raw)
        self._at = str(int(at.timestamp())).encode()

    def gen_header(self, fields: list[tuple[bytes, bytes]], *others: object, **more: object) -> bytes:
        """Write the header with our instant in it."""
        dated = [(name, self._at if name == b"t" else value) for name, value in fields]
        written: bytes = super().gen_header(dated, *others, **more)
        return written


def read_dkim_key(pem: bytes, *, domain: str, selector: str) -> DkimKey:
    """Read a private key in PEM form, RSA or Ed25519; ConfigurationError for anything else, without repeating it."""
    for name, what in ((domain, "domain"), (selector, "selector")):
        if not _NAME.fullmatch(name):
            raise ConfigurationError(
                f"The DKIM {what} {name!r} is no name that DNS knows.", hint=f"Correct RAPPORT_DKIM_{what.upper()}."
            )
    found = _PEM.search(pem.replace(b"\r\n", b"\n"))
    if found is None:
        raise ConfigurationError("The DKIM key is no private key in PEM form.", hint=_HINT)
    try:
        der = base64.b64decode(b"".join(found[2].split()), validate=True)
    except binascii.Error as error:
        raise ConfigurationError("The DKIM key is damaged: it is not base64.", hint=_HINT) from error
    if der.startswith(_ED25519_HEAD) and len(der) == len(_ED25519_HEAD) + _SEED_BYTES:
        return _ed25519(der[-_SEED_BYTES:], domain, selector)
    return _rsa(found[0], domain, selector)


def _ed25519(seed: bytes, domain: str, selector: str) -> DkimKey:
    public = bytes(nacl.signing.SigningKey(seed).verify_key)
    return DkimKey(
        domain=domain,
        selector=selector,
        algorithm="ed25519-sha256",
        private=base64.b64encode(seed),
        public=base64.b64encode(public).decode(),
    )


def _rsa(pem: bytes, domain: str, selector: str) -> DkimKey:
    try:
        parts = parse_pem_private_key(pem)
    except (UnparsableKeyError, ValueError, IndexError, TypeError) as error:
        raise ConfigurationError("The DKIM key is neither an RSA nor an Ed25519 key.", hint=_HINT) from error
    modulus, exponent = int(parts["modulus"]), int(parts["publicExponent"])
    if modulus.bit_length() < _SHORTEST_RSA:
        raise ConfigurationError(f"The DKIM key has {modulus.bit_length()} bits; receivers ignore it.", hint=_HINT)
    numbers = _der(0x30, _integer(modulus) + _integer(exponent))
    public = _der(0x30, _RSA_ALGORITHM + _der(0x03, b"\0" + numbers))
    return DkimKey(
        domain=domain,
        selector=selector,
        algorithm="rsa-sha256",
        private=pem,
        public=base64.b64encode(public).decode(),
    )


def _integer(number: int) -> bytes:
    return _der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _der(tag: int, content: bytes) -> bytes:
    """One value in DER: its tag, its length, itself."""
    length = len(content)
    if length < 0x80:  # noqa: PLR2004  # the short form of X.690, section 8.1.3.4
        return bytes([tag, length]) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + content
