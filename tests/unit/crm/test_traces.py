"""A text is found in bytes in whatever form a mail, a link or a database writes it."""

import base64
import html
import json
import quopri
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from rapport.crm.traces import leaves_trace


@given(
    st.text(min_size=6, max_size=30, alphabet=st.characters(min_codepoint=33, max_codepoint=0x17F)),
    st.binary(max_size=7),
    st.binary(max_size=7),
)
def test_a_trace_is_found_in_every_form(text: str, before: bytes, behind: bytes) -> None:
    """However a mail or a file writes an address, it is found."""
    raw = text.encode()
    forms = [
        raw,
        text.upper().lower().encode() if text.upper().lower() == text.lower() else raw,
        base64.b64encode(before + raw + behind),
        base64.b64encode(before + raw + behind).rstrip(b"="),
        quote(text, safe="").encode(),
        text.encode("utf-16-le"),
        json.dumps(text)[1:-1].encode(),
        html.escape(text).encode(),
        text.encode("cp1252") if text.encode("cp1252", "ignore").decode("cp1252") == text else raw,
        *([quopri.encodestring(raw)] if len(raw) < 20 else []),
    ]

    assert [] == [form for form in forms if not leaves_trace(b"\0x" + form + b"y\0", [text])]
    assert not leaves_trace(b"somebody else", [text + "!"])
