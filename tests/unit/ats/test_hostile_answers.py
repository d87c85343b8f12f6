"""Whatever an ATS answers, nothing breaks, nothing leaks, and nobody is led astray."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.ats.demo import vendor as demo
from rapport.ats.greenhouse import words as greenhouse
from rapport.ats.icims import words as icims
from rapport.ats.lever import words as lever
from rapport.ats.line import FixedLogin, Line, Site
from rapport.ats.registry import Registry
from rapport.ats.workable import words as workable
from rapport.ats.workable.lists import ours
from rapport.ats.workable.vendor import TERMS
from rapport.clock import SystemClock
from rapport.dsl.project import AtsConnection
from rapport.errors import ConfigurationError
from rapport.ports import AtsVendor
from tests.unit.ats.vendors import OpenGate

_NAMES = (
    "id first_name last_name name firstname email emails email_addresses time_zone linked_user_ids tags custom_fields "
    "status stage stage_name job job_id rejection_reason_id prospective_job_ids archived contact origin applications "
    "createdAt updatedAt created_at updated_at rejected_at rejected_on disqualified disqualified_at withdrew location "
    "disqualification_reason hired_at categories urls state skills keywords folder associatedprofile baseprofile reason"
)
_FIELDS = _NAMES.split()
_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("2026-03-02T09:00:00Z"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*_FIELDS, "value"]), inner, max_size=4)
    ),
    max_leaves=8,
)
_ROWS = st.dictionaries(st.sampled_from(_FIELDS), _ANYTHING, max_size=12)
_READERS: tuple[Callable[[Any], object], ...] = (
    greenhouse.person_of,
    greenhouse.job_of,
    lambda row: greenhouse.application_of(row, greenhouse.Around()),
    lambda row: lever.person_of("c", [row]),
    lever.job_of,
    lambda row: lever.application_of(row, lever.Around()),
    workable.person_of,
    workable.job_of,
    lambda row: workable.application_of(row, frozenset()),
    lambda row: icims.person_of("1", row),
    lambda row: icims.application_of("1", row),
    lambda row: icims.job_of("1", row),
    demo._person,
    demo._job,
    demo._application,
)


@given(row=_ROWS)
def test_any_answer_is_read(row: dict[str, Any]) -> None:
    """A field of another shape than documented is left out; it stops no poll."""
    for read in _READERS:
        assert read(row) is not None


def test_half_characters_are_left_out() -> None:
    """What no database takes is taken out of a name, and the rest of it is kept."""
    found = greenhouse.person_of({"id": 1, "first_name": "A\ud800n\0a", "last_name": "Lima"})

    assert "Ana" == found.first_name


def opened(vendor: str, login: str, **environ: str) -> AtsVendor:
    """An adapter with this login."""
    url = "PLACE" if "PLACE" in environ else None
    connection = AtsConnection(key="main", vendor=vendor, credentials="LOGIN", url=url)
    return Registry({"LOGIN": login, **environ}, gate=OpenGate(), clock=SystemClock()).vendor_of(connection)


@pytest.mark.parametrize(
    ("vendor", "login"),
    [
        ("greenhouse", ""),
        ("greenhouse", "s3cret"),
        ("greenhouse", "id:s3cret@"),
        ("greenhouse", "id:s3cret@anna"),
        ("greenhouse", "id:s3c\nret"),
        ("lever", "@user"),
        ("workable", "s3cret"),
        ("workable", "evil.example/s3cret#:token"),
        ("icims", "12:user"),
        ("ashby", "s3cret"),
    ],
)
def test_a_login_of_another_form_is_told_without_its_text(vendor: str, login: str) -> None:
    """What is wrong is named by its variable and with the form to write; the secret is not repeated."""
    with pytest.raises(ConfigurationError) as raised:
        opened(vendor, login)

    assert "s3c" not in str(raised.value)
    assert raised.value.hint


@pytest.mark.parametrize(
    "address", ["http://api.lever.co", "https://10.0.0.1", "http://169.254.169.254", "ftp://x", "x"]
)
async def test_a_login_goes_to_open_addresses_only(address: str) -> None:
    """Another address than the vendor's has to be https on the open internet, or this very machine."""
    vendor = opened("lever", "key", PLACE=address)

    with pytest.raises(ConfigurationError):
        await vendor.person("c")
    await vendor.close()


@pytest.mark.parametrize(
    ("following", "is_ours"),
    [
        ("https://acme.workable.com/spi/v3/candidates?since_id=1", True),
        ("https://www.workable.com/spi/v3/accounts/acme/candidates?since_id=1", True),
        ("https://workable.com.evil.example/x", False),
        ("http://acme.workable.com/x", False),
        ("https://evil.example/?workable.com", False),
        ("https://127.0.0.1/x", False),
    ],
)
async def test_a_next_page_leads_nowhere_else(following: str, *, is_ours: bool) -> None:
    """A token goes to Workable, whatever address an answer names."""
    site = Site(url="https://acme.workable.com/spi/v3")
    line = Line(site, login=FixedLogin({}), terms=TERMS, gate=OpenGate(), connection="main")
    try:
        found = ours(line, following)
    except ConfigurationError:
        found = ""
    await line.close()

    assert (following if is_ours else "") == found
