"""Names that nobody can guess from a person, and that a retry makes again."""

import base64
import contextlib
import hashlib
import hmac
import secrets
import unicodedata

_CANDIDATE_BYTES = 10  # 80 bits: 16 characters of base32, no clash in a lifetime of candidates
_HAPPENING_BYTES = 15  # 120 bits: 24 characters, so that a provider cannot make two events clash


def new_candidate_id() -> str:
    """Make an id that says nothing about the person: `c_` and 16 small letters and digits."""
    return "c_" + _base32(secrets.token_bytes(_CANDIDATE_BYTES))


def new_bulk_id() -> str:
    """Make an id for a bulk enrollment: `b_` and 16 small letters and digits."""
    return "b_" + _base32(secrets.token_bytes(_CANDIDATE_BYTES))


def new_request_id() -> str:
    """Make an id for a request about a person's data: `p_` and 16 small letters and digits."""
    return "p_" + _base32(secrets.token_bytes(_CANDIDATE_BYTES))


def request_id(dedupe_key: str) -> str:
    """Name a request about a person's data by what makes it the same when it comes again."""
    return "p_" + _base32(hashlib.sha256(b"request\n" + dedupe_key.encode()).digest()[:_CANDIDATE_BYTES])


def enrollment_id(sequence: str, candidate: str, n: int) -> str:
    """Name one walk: `<sequence>/<candidate>/<n>`, where n counts this person's enrollments in this sequence."""
    return f"{sequence}/{candidate}/{n}"


def sequence_of(enrollment: str) -> str:
    """The name of the sequence that an enrollment id begins with."""
    return enrollment.split("/", 1)[0]


def send_id(enrollment: str, step: str) -> int:
    """Number one send: 63 bits, the same on every retry, and never 0."""
    digest = hashlib.sha256(f"send\n{enrollment}\n{step}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1 or 1


def happening_id(dedupe_key: str) -> str:
    """Name one happening by what makes it the same when it comes again; the key itself may hold an address."""
    return "h_" + _base32(hashlib.sha256(b"happening\n" + dedupe_key.encode()).digest()[:_HAPPENING_BYTES])


def task_id(key: str) -> str:
    """Name one to-do by what makes it the same when it is asked for again."""
    return "t_" + _base32(hashlib.sha256(b"task\n" + key.encode()).digest()[:_HAPPENING_BYTES])


def conversation_id(key: str) -> str:
    """Name one conversation by what makes it the same when it is told again."""
    return "n_" + _base32(hashlib.sha256(b"conversation\n" + key.encode()).digest()[:_HAPPENING_BYTES])


def command_id(enrollment: str, number: int) -> str:
    """Name one command to a walk by the outbox row that carries it."""
    return happening_id(f"command\n{enrollment}\n{number}")


def normalized(address: str) -> str:
    """One spelling of a mail address: composed characters, small letters, the domain as DNS spells it."""
    local, _, domain = unicodedata.normalize("NFC", address.strip()).lower().rpartition("@")
    # What DNS cannot spell is the same text tomorrow, too; what is ASCII is spelled so already.
    if not domain.isascii():
        with contextlib.suppress(UnicodeError):
            domain = domain.encode("idna").decode("ascii")
    return f"{local}@{domain}"


def address_key(address: str, pepper: bytes) -> str:
    """A keyed hash (SHA-256, hex) of an address: enough to recognize it again, useless without the pepper."""
    return hmac.digest(pepper, b"address\n" + normalized(address).encode(), hashlib.sha256).hex()


def name_key(system: str, value: str, pepper: bytes) -> str:
    """A keyed hash (SHA-256, hex) of what another system calls a person, to recognize somebody who was erased."""
    return hmac.digest(pepper, f"name\n{system}\n{value}".encode(), hashlib.sha256).hex()


def _base32(raw: bytes) -> str:
    return base64.b32encode(raw).decode("ascii").rstrip("=").lower()
