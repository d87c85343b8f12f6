"""The same profile is the same link, however it was copied; and what is no person's page is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.crm.profile_links import profile_link

NAMES = st.from_regex(r"[a-z][a-z0-9-]{2,20}[a-z0-9]", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("https://www.linkedin.com/in/Ana-Silva/", "linkedin.com/in/ana-silva"),
        ("linkedin.com/in/ana-silva", "linkedin.com/in/ana-silva"),
        ("HTTP://DE.LinkedIn.com/in/ana-silva/de?trk=x&y=z#top", "linkedin.com/in/ana-silva"),
        ("//m.linkedin.com/in/ana-silva", "linkedin.com/in/ana-silva"),
        ("https://www.linkedin.com/in/jos%C3%A9-mu%c3%b1oz", "linkedin.com/in/josé-muñoz"),
        ("https://www.linkedin.com/in/jose\u0301-mun\u0303oz/", "linkedin.com/in/josé-muñoz"),
        ("https://www.linkedin.com/pub/ana-silva/1/2b/345/", "linkedin.com/pub/ana-silva/1/2b/345"),
        ("https://www.linkedin.com/talent/profile/AEMAAB_x1?trk=y", "linkedin.com/talent/profile/AEMAAB_x1"),
        ("https://github.com/AnaSilva", "github.com/anasilva"),
        ("https://github.com/AnaSilva/her-project", None),
        ("https://www.xing.com/profile/Ana_Silva/cv", "xing.com/profile/ana_silva"),
        ("https://x.com/@AnaSilva", "twitter.com/anasilva"),
        ("https://stackoverflow.com/users/42/ana", "stackoverflow.com/users/42"),
        ("https://www.linkedin.com/company/acme", None),
        ("https://www.linkedin.com/in/", None),
        ("https://www.linkedin.com/", None),
        ("https://acme.example/", None),
        ("https://github.com/jobs", None),
        ("https://linkedin.com.evil.example/in/ana", None),
        ("https://linkedin.com/in/..%2F..", None),
        ("javascript://linkedin.com/in/ana", None),
        ("https://[linkedin.com/in/ana", None),
        ("ask me", None),
        ("", None),
    ],
)
def test_a_link_has_one_spelling(text: str, link: str | None) -> None:
    """Whether copied from a phone, a German browser or a search page, it is the same person."""
    assert link == profile_link(text)


@given(
    NAMES,
    st.sampled_from(["", "http://", "https://", "HTTPS://", "//"]),
    st.sampled_from(["", "www.", "de.", "UK.", "m."]),
    st.sampled_from(["", "/", "//", "/?a=b", "#x", "/en", "?utm=1#y"]),
    st.booleans(),
)
def test_decoration_makes_no_difference(name: str, scheme: str, subdomain: str, end: str, loud: bool) -> None:  # noqa: FBT001  # drawn
    """Scheme, country, slash, query, fragment, language, case and escapes do not make another person."""
    shown = name.upper() if loud else "".join(f"%{ord(letter):02X}" for letter in name)

    assert f"linkedin.com/in/{name}" == profile_link(f"{scheme}{subdomain}LinkedIn.com/in/{shown}{end}")


@given(st.from_regex(r"https?://(www\.)?linkedin\.com/in/[a-z0-9-]{1,101}/?", fullmatch=True))
def test_the_usual_spelling_is_read_as_every_other(link: str) -> None:
    """What is recognized at a glance is what taking it apart gives: `#` at the end leaves the short way."""
    assert profile_link(f"{link}#") == profile_link(link)


@given(st.text(max_size=80) | st.text(max_size=40).map("https://www.linkedin.com/in/{}".format))
def test_the_one_spelling_stays_as_it_is(text: str) -> None:
    """Reading a link that was read before changes nothing, and no text is too strange to be read."""
    link = profile_link(text)

    assert link is None or link == profile_link(link)
