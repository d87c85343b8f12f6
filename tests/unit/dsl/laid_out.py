"""A file as the layout writes it."""

from textwrap import dedent

from rapport.dsl.layout.layout import lay_out
from rapport.dsl.layout.order import Kind


def laid_out(text: str, kind: Kind = "sequence") -> str:
    """A file after it was laid out, without the margin that its text has in a test."""
    found = lay_out(dedent(text).encode(), "file.yaml", kind)
    assert found.text is not None, found.problems
    return found.text
