"""DKIM: receivers can check that a mail is ours, and that nobody changed what matters on the way."""

import os
import re
from dataclasses import replace
from pathlib import Path

import dkim  # type: ignore[import-untyped]  # it ships no types
import pytest
from cryptography.hazmat.primitives.serialization import PrivateFormat

from rapport.errors import ConfigurationError
from rapport.mail import dkim_key
from rapport.mail.compose import compose
from rapport.mail.dkim_file import dkim_key as key_of
from rapport.mail.dkim_key import OVERSIGNED, SIGNED, DkimKey, read_dkim_key
from rapport.mail.draft import Thread
from tests.unit.mail.builders import a_draft
from tests.unit.mail.keys import ED25519, a_key, elliptic_pem, rsa_pem

GOLDEN = Path(__file__).parent / "golden" / "signed.eml"
THREAD = Thread(references=("<send.41@mail.acme.example>",), subject="Welcome")
KEYS = pytest.mark.parametrize(
    "pem", [ED25519, rsa_pem(), rsa_pem(PrivateFormat.TraditionalOpenSSL), rsa_pem().replace(b"\n", b"\r\n")]
)


def verifies(raw: bytes, key: DkimKey) -> bool:
    """Whether a receiver believes the signature, whose DNS holds exactly the record that we ask for."""

    def look_up(name: bytes, timeout: int = 5) -> bytes:
        assert (f"{key.place}.", 5) == (name.decode(), timeout)
        return key.record.encode()

    return bool(dkim.verify(raw, dnsfunc=look_up))


def a_signed_mail(key: DkimKey) -> bytes:
    """A follow-up, so that every header is there."""
    return compose(a_draft(dkim=key, thread=THREAD)).raw


@KEYS
def test_a_receiver_can_check_that_the_mail_is_ours(pem: bytes) -> None:
    """The signature of each kind of key holds against the DNS record that `rapport doctor` shows."""
    key = a_key(pem)

    assert verifies(a_signed_mail(key), key)


def test_a_signed_mail_byte_by_byte() -> None:
    """The signature too is the same on every retry, on every machine and Python; its time is the mail's."""
    raw = a_signed_mail(a_key())
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_bytes(raw)

    assert GOLDEN.read_bytes() == raw


def test_a_mail_without_a_key_is_not_signed() -> None:
    """Behind a provider that signs, nothing is added, and the mail is otherwise the same."""
    assert a_signed_mail(a_key()).endswith(compose(a_draft(thread=THREAD)).raw)
    assert b"DKIM-Signature" not in compose(a_draft()).raw


@pytest.mark.parametrize("name", SIGNED)
def test_no_header_that_matters_can_be_changed(name: str) -> None:
    """Not the sender, not the subject, and not where the unsubscribe button leads."""
    raw = a_signed_mail(a_key())
    changed, count = re.subn(rb"(?mi)^(%s: )" % name.encode(), rb"\1x", raw, count=1)

    assert 1 == count
    assert not verifies(changed, a_key())


@pytest.mark.parametrize("name", OVERSIGNED)
def test_no_second_sender_or_subject_can_be_added(name: str) -> None:
    """Some mail programs show the first one, others the last."""
    raw = a_signed_mail(a_key())

    assert not verifies(raw.replace(b"\r\n\r\n", f"\r\n{name}: Bank <x@bank.test>\r\n\r\n".encode(), 1), a_key())
    assert not verifies(f"{name}: Bank <x@bank.test>\r\n".encode() + raw, a_key())


def test_a_changed_word_is_noticed_and_a_new_fold_is_not() -> None:
    """Relays may fold headers and add spaces at line ends; words stay ours."""
    raw = a_signed_mail(a_key())

    assert verifies(raw.replace(b"Subject: Re: ", b"Subject: Re:\r\n  "), a_key())
    assert not verifies(raw.replace(b"See how we work", b"See how we pay"), a_key())


@pytest.mark.parametrize(
    "changes", [{"to_name": "Zoë 東京", "sender_name": 'Ann "A" Koch'}, {"to_address": "jörg@bücher.test"}]
)
def test_names_and_addresses_of_the_world_are_signed(changes: dict[str, str]) -> None:
    """Umlauts in a name or an address do not cost the signature."""
    assert verifies(compose(a_draft(dkim=a_key(), **changes)).raw, a_key())


def test_lines_stay_short_enough() -> None:
    """The signature of a long key is folded, and its header is the first."""
    lines = a_signed_mail(a_key(rsa_pem())).split(b"\r\n")

    assert lines[0].startswith(b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=acme.example")
    assert max(map(len, lines)) <= 998


@pytest.mark.parametrize(
    ("pem", "said"),
    [
        (b"", "no private key in PEM form"),
        (b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "no private key in PEM form"),
        (b"-----BEGIN PRIVATE KEY-----\nAAA\n-----END PRIVATE KEY-----\n", "not base64"),
        (b"-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n", "neither an RSA nor an Ed25519 key"),
        (elliptic_pem(), "neither an RSA nor an Ed25519 key"),
    ],
)
def test_a_key_that_is_none_is_refused_in_words(pem: bytes, said: str) -> None:
    """Ops read what is wrong and how to make a key; the key itself is not repeated."""
    with pytest.raises(ConfigurationError, match=said) as refused:
        a_key(pem)

    assert "openssl genpkey" in str(refused.value)
    assert "c2VjcmV0" not in str(refused.value)


def test_a_short_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Receivers ignore short keys, so that such a signature would be worth nothing."""
    # No library makes keys of less than 1024 bits any more: the limit moves instead.
    monkeypatch.setattr(dkim_key, "_SHORTEST_RSA", 4096)

    with pytest.raises(ConfigurationError, match="2048 bits"):
        a_key(rsa_pem())


@pytest.mark.parametrize(("domain", "selector"), [("acme example", "s1"), ("", "s1"), ("acme.example", "s1;")])
def test_names_that_dns_does_not_know_are_refused(domain: str, selector: str) -> None:
    """A selector cannot smuggle anything into the header."""
    with pytest.raises(ConfigurationError, match=r"RAPPORT_DKIM_(DOMAIN|SELECTOR)"):
        read_dkim_key(ED25519, domain=domain, selector=selector)


def test_a_key_is_not_printed() -> None:
    """A log line shows the public half at most."""
    assert "private" not in repr(a_key())
    assert a_key() != replace(a_key(), private=b"")


def a_file(folder: Path, mode: int = 0o600) -> str:
    """A key file with these permissions."""
    place = folder / "dkim.pem"
    place.write_bytes(ED25519)
    place.chmod(mode)
    return str(place)


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o440])
def test_a_key_in_a_closed_file_is_read(tmp_path: Path, mode: int) -> None:
    """Only our own account, or a group that may read it."""
    assert a_key() == key_of(domain="Acme.example", selector="rapport", file=a_file(tmp_path, mode), text="")


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o620, 0o666])
def test_a_key_that_others_can_read_or_change_is_refused(tmp_path: Path, mode: int) -> None:
    """Whoever reads the key writes mails in our name."""
    with pytest.raises(ConfigurationError, match=f"open to others .mode {mode:04o}.*chmod 600"):
        key_of(domain="acme.example", selector="rapport", file=a_file(tmp_path, mode), text="")


def test_a_key_in_a_variable_is_read() -> None:
    """Where there are no files, backslash and n stand for a line break."""
    text = ED25519.decode()

    assert a_key() == key_of(domain="acme.example", selector="rapport", file="", text=text)
    assert a_key() == key_of(domain="acme.example", selector="rapport", file="", text=text.replace("\n", "\\n"))


def test_nothing_set_means_that_the_relay_signs() -> None:
    """DKIM is off until somebody sets it up."""
    assert key_of(domain="", selector="", file="", text="") is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"domain": "acme.example"}, "by half"),
        ({"file": "dkim.pem"}, "by half"),
        ({"domain": "acme.example", "selector": "s1"}, "by half"),
        ({"domain": "acme.example", "selector": "s1", "file": "a", "text": "b"}, "two DKIM keys"),
        ({"domain": "acme.example", "selector": "s1", "file": "/no/such/key.pem"}, "cannot be read: No such file"),
    ],
)
def test_half_a_setup_is_refused(given: dict[str, str], said: str) -> None:
    """Nobody believes for weeks that mails are signed that are not."""
    with pytest.raises(ConfigurationError, match=said):
        key_of(**{"domain": "", "selector": "", "file": "", "text": "", **given})
