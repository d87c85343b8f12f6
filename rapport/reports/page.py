"""Pages that stand alone: one file, no script, nothing from the network, light and dark, everything escaped."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

_PAGES = Environment(
    loader=PackageLoader("rapport.reports", "pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def page(name: str, **values: Any) -> str:
    """Fill in one of the pages of this package; the same values give the same page."""
    return _PAGES.get_template(f"{name}.html").render(values)
