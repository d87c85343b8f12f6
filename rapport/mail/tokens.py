"""Signed tokens of 28 characters: what a link, a pixel or an address of ours carries, and nobody can forge."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

from rapport.errors import ConfigurationError

TokenKind: TypeAlias = Literal["click", "open", "unsubscribe", "reply", "bounce", "preferences"]

_KINDS: tuple[TokenKind, ...] = get_args(TokenKind)
_SHAPE = re.compile(r"[A-Za-z0-9_-]{28}")
_KIND_BITS = 3  # the first byte holds the kind (6 of 8) below and the key id (0 to 31) above
_SIGNED = 11  # kind and key id (1), send (8), number (2)
_SIGNATURE = 10  # 80 bits: a forger who tries 1000 a second needs longer than the universe has
_SHORTEST_KEY = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a token says: for what it was made, of which send, and which link (0 where there is none)."""

    kind: TokenKind
    send: int
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Makes and reads tokens; a key keeps reading old tokens until it is taken out of `keys`."""

    keys: Mapping[int, bytes] = field(repr=False)
    current: int

    def __post_init__(self) -> None:
        """Refuse keys that cannot hold what tokens promise."""
        if self.current not in self.keys:
            raise ConfigurationError(
                f"The current signing key {self.current} is not among the keys.", hint="Add it or name another one."
            )
        if any(not 0 <= key_id < 1 << (8 - _KIND_BITS) for key_id in self.keys):
            raise ConfigurationError("A signing key id is not between 0 and 31.", hint="Number the keys from 0 to 31.")
        if any(len(key) < _SHORTEST_KEY for key in self.keys.values()):
            raise ConfigurationError("A signing key is shorter than 16 bytes.", hint="Make one: openssl rand -hex 32.")

    def make(self, token: Token) -> str:
        """Write a token in 28 characters that fit in URLs and in the local part of an address."""
        first = self.current << _KIND_BITS | _KINDS.index(token.kind)
        said = bytes([first]) + token.send.to_bytes(8, "big") + token.number.to_bytes(2, "big")
        return base64.urlsafe_b64encode(said + self._sign(self.current, said)).decode("ascii")

    def read(self, text: str) -> Token | None:
        """Read a token; None for whatever we did not make."""
        if _SHAPE.fullmatch(text) is None:
            return None
        raw = base64.urlsafe_b64decode(text)
        said, signature = raw[:_SIGNED], raw[_SIGNED:]
        key_id, kind = said[0] >> _KIND_BITS, said[0] & (1 << _KIND_BITS) - 1
        if key_id not in self.keys or kind >= len(_KINDS):
            return None
        if not hmac.compare_digest(signature, self._sign(key_id, said)):
            return None
        return Token(
            kind=_KINDS[kind], send=int.from_bytes(said[1:9], "big"), number=int.from_bytes(said[9:_SIGNED], "big")
        )

    def derive(self, *, use: str, send: int) -> str:
        """Derive 20 characters for one use of one send: the same on every retry, and not to be guessed."""
        return _digest(self.keys[self.current], f"{use}:{send}")

    def _sign(self, key_id: int, said: bytes) -> bytes:
        return hmac.digest(self.keys[key_id], b"token:" + said, hashlib.sha256)[:_SIGNATURE]


def message_id(*, kind: str, send_id: int, domain: str, secret: bytes) -> str:
    """Give the Message-ID of a send: the same on every retry, so that receivers can drop a second copy."""
    return f"<{kind}.{send_id}.{_digest(secret, f'{kind}.{send_id}@{domain}')}@{domain}>"


def _digest(secret: bytes, text: str) -> str:
    return hmac.digest(secret, b"text:" + text.encode(), hashlib.sha256)[:_SIGNATURE].hex()
