"""Ids: opaque where they name people, and the same on every retry."""

from hypothesis import given
from hypothesis import strategies as st

from rapport.ids import address_key, enrollment_id, happening_id, new_candidate_id, send_id, sequence_of
from tests.unit.store.worlds import PEPPER


def test_a_candidate_id_says_nothing_and_never_comes_twice() -> None:
    """16 small letters and digits that no address or name goes into."""
    ids = {new_candidate_id() for _ in range(1000)}

    assert len(ids) == 1000
    assert all(len(name) == 18 and name.startswith("c_") and name == name.lower() for name in ids)


def test_an_enrollment_reads_aloud() -> None:
    """Temporal's list shows the sequence, the person's id and the how-manieth time."""
    name = enrollment_id("welcome", "c_ana", 2)

    assert ("welcome/c_ana/2", "welcome") == (name, sequence_of(name))


@given(st.text(), st.text())
def test_a_send_has_one_number_of_63_bits(enrollment: str, step: str) -> None:
    """A retry makes the same number, and every database can hold it."""
    number = send_id(enrollment, step)

    assert send_id(enrollment, step) == number
    assert 0 < number < 2**63


def test_the_numbers_of_sends_are_the_ones_of_yesterday() -> None:
    """Links in mails that were sent hang on them: a release may not change how they are made."""
    assert (5979480142322270639, "h_n3rcp2wh2oda4vszdecyymrj") == (
        send_id("welcome/c_ana/1", "hello"),
        happening_id("x"),
    )


def test_an_address_is_recognized_in_any_spelling_and_only_with_the_pepper() -> None:
    """Ana@Bücher.example and ana@xn--bcher-kva.example are one mailbox; the hash alone says nothing."""
    spellings = ("Ana@B\u00fccher.example", " ana@bu\u0308cher.EXAMPLE ", "ana@xn--bcher-kva.example")

    keys = {address_key(spelling, PEPPER) for spelling in spellings}

    assert len(keys) == 1
    assert keys.isdisjoint({address_key(spellings[0], b"another"), address_key("ben@b\u00fccher.example", PEPPER)})


@given(st.text())
def test_no_text_is_too_odd_for_a_key(address: str) -> None:
    """Whatever stands in an address column, its key is 64 characters."""
    assert len(address_key(address, PEPPER)) == 64
