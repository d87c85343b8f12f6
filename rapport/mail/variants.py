"""Which language variant of a mail a person gets."""

from collections.abc import Collection

from rapport.errors import NotFound


def choose_variant(name: str, locale: str | None, available: Collection[str], default: str) -> str:
    """Choose among `welcome`, `welcome.de`, `welcome.pt-br`: the nearest to the person's locale.

    The plain name is in the `default` language. NotFound when no variant of the mail is there.
    """
    known = {variant.lower(): variant for variant in available}
    asked = _tag(locale or default)
    tags = (asked, _language(asked), "", _tag(default), _language(_tag(default)))
    for variant in (f"{name}.{tag}" if tag else name for tag in tags):
        if variant.lower() in known:
            return known[variant.lower()]
    raise NotFound(kind="mail", name=name, hint=f"Write mails/{name}.md.")


def _tag(locale: str) -> str:
    return locale.partition(".")[0].replace("_", "-").lower()


def _language(tag: str) -> str:
    return tag.partition("-")[0]
