"""Keys for the tests of DKIM, made anew for each run; the Ed25519 one is always the same, and signs nothing real."""

import base64
from functools import cache

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from rapport.mail.dkim_key import DkimKey, read_dkim_key

_SEED = bytes(range(32))
_HEAD = bytes.fromhex("302e020100300506032b657004220420")
ED25519 = b"-----BEGIN PRIVATE KEY-----\n" + base64.encodebytes(_HEAD + _SEED) + b"-----END PRIVATE KEY-----\n"


@cache
def rsa_pem(form: PrivateFormat = PrivateFormat.PKCS8) -> bytes:
    """An RSA key of 2048 bits, as OpenSSL 3 (PKCS #8) or older ones (PKCS #1) write it."""
    return _rsa().private_bytes(Encoding.PEM, form, NoEncryption())


def elliptic_pem() -> bytes:
    """A key that DKIM has no algorithm for."""
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def a_key(pem: bytes = ED25519) -> DkimKey:
    """The key of acme.example."""
    return read_dkim_key(pem, domain="acme.example", selector="rapport")


@cache
def _rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
