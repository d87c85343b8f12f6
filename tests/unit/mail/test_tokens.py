"""Nobody but us makes a token, and nothing but what we put into it comes out."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.errors import ConfigurationError
from rapport.mail.tokens import Signer, Token, TokenKind, message_id
from tests.unit.mail.builders import SIGNER

KINDS: list[TokenKind] = ["click", "open", "unsubscribe", "reply", "bounce"]
TOKENS = st.builds(Token, kind=st.sampled_from(KINDS), send=st.integers(0, 2**64 - 1), number=st.integers(0, 2**16 - 1))


@given(TOKENS)
def test_a_token_says_what_was_put_into_it(token: Token) -> None:
    """Every link, pixel and reply address leads back to its mail."""
    text = SIGNER.make(token)

    assert re.fullmatch(r"[A-Za-z0-9_-]{28}", text)
    assert token == SIGNER.read(text)


@given(TOKENS, st.integers(0, 27), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"))
def test_a_changed_token_is_worth_nothing(token: Token, place: int, char: str) -> None:
    """Nobody gets at another person's link by changing a character."""
    text = SIGNER.make(token)
    changed = text[:place] + char + text[place + 1 :]

    assert (SIGNER.read(changed) is None) == (changed != text)


@given(st.text())
def test_any_other_text_is_no_token(text: str) -> None:
    """Junk in a URL is an unknown link and never an error page."""
    assert SIGNER.read(text) is None


@pytest.mark.parametrize("odd", ["+" * 28, "/" * 28, "A" * 27, "A" * 29, "A" * 28 + "\n", "ä" * 28, "A" * 27 + "="])
def test_only_the_one_spelling_is_read(odd: str) -> None:
    """A token has one spelling, so that no second one slips past a log or a cache."""
    assert SIGNER.read(odd) is None


def test_plus_and_slash_are_no_other_spelling_of_a_token() -> None:
    """The alphabets of base64 are not mixed."""
    texts = (SIGNER.make(Token(kind="click", send=send)) for send in range(200))
    dashed = next(text for text in texts if "-" in text)

    assert SIGNER.read(dashed) is not None
    assert SIGNER.read(dashed.replace("-", "+")) is None


def test_old_tokens_are_read_after_the_key_has_changed() -> None:
    """An unsubscribe link of last year works after we changed our key."""
    token = Token(kind="unsubscribe", send=7)
    old = Signer(keys={1: b"1" * 32}, current=1)
    new = Signer(keys={1: b"1" * 32, 2: b"2" * 32}, current=2)

    assert token == new.read(old.make(token))
    assert old.read(new.make(token)) is None


@pytest.mark.parametrize(("keys", "current"), [({1: b"1" * 32}, 2), ({32: b"1" * 32}, 32), ({1: b"short"}, 1)])
def test_a_weak_set_of_keys_is_refused(keys: dict[int, bytes], current: int) -> None:
    """A wrong setup is seen at the start, not by a forger."""
    with pytest.raises(ConfigurationError):
        Signer(keys=keys, current=current)


def test_keys_are_never_printed() -> None:
    """A key cannot end up in a log."""
    assert "a key for tests" not in repr(SIGNER)


def test_a_message_id_is_the_same_on_every_retry() -> None:
    """Receivers can drop the second copy of a mail."""
    one = message_id(kind="send", send_id=7, domain="mail.acme.example", secret=b"1" * 32)

    assert one == message_id(kind="send", send_id=7, domain="mail.acme.example", secret=b"1" * 32)
    assert re.fullmatch(r"<send\.7\.[0-9a-f]{20}@mail\.acme\.example>", one)
    assert one != message_id(kind="send", send_id=8, domain="mail.acme.example", secret=b"1" * 32)
