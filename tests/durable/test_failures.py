"""What a failure may say, and whether it is tried again."""

from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError

from activities.errors import failure_of, failures_as_codes, without_addresses
from rapport.errors import ConfigurationError, NotFound, Refused, TemporaryFailure
from workflows import policies
from workflows.search_attributes import ended


@pytest.mark.parametrize(
    ("error", "kind", "delay"),
    [
        (NotFound(kind="enrollment", name="x", hint="Look."), "NotFound", timedelta(minutes=10)),
        (TemporaryFailure("Down.", hint="Wait."), "TemporaryFailure", None),
        (Refused(reason="late", message="Too late.", hint="No."), "Refused", timedelta(minutes=10)),
        (KeyError("ada@x.example"), "KeyError", None),
    ],
)
def test_failures_are_sorted_by_class(error: Exception, kind: str, delay: timedelta | None) -> None:
    """No failure is final; what a person must repair is tried again after ten minutes."""
    failure = failure_of(error)

    assert (kind, False, delay) == (failure.type, failure.non_retryable, failure.next_retry_delay)
    assert "ada" not in failure.message


def test_failure_has_no_cause() -> None:
    """Python would chain the original error, and Temporal would write its text into the history."""
    with pytest.raises(ApplicationError) as caught, failures_as_codes():
        raise ValueError("ada@x.example")

    assert (None, True) == (caught.value.__cause__, caught.value.__suppress_context__)


def test_error_of_the_installation_keeps_its_words() -> None:
    """Ops read what is set up wrong, addresses left out."""
    failure = failure_of(ConfigurationError("The window office-hours never opens for ada@x.example.", hint="Widen it."))

    assert failure.message.startswith("ConfigurationError: The window office-hours never opens for … Widen it. at ")


def test_words_that_may_be_addresses_are_left_out() -> None:
    """A reason that echoes an address loses it."""
    assert "refused … by the server" == without_addresses("refused <ada@x.example> by the server")


def test_labels_fit_into_temporal_ui() -> None:
    """Labels end with an ellipsis where Temporal UI would cut them."""
    assert ("x" * 120, "x" * 119 + "…") == (policies.label("x" * 120), policies.label("x" * 121))


@pytest.mark.parametrize(
    ("end", "state"),
    [
        ("end", "ended:end"),
        ("goal: applied", "ended:goal:applied"),
        ("back in a process", "ended:back-in-a-process"),
        ("x" * 3000, "ended:" + "x" * 74),
    ],
)
def test_final_state_is_one_short_word(end: str, state: str) -> None:
    """Whatever reason a marketer wrote, the final state can be filtered by."""
    assert state == ended(end)
