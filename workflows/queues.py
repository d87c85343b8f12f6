"""The task queues: walks and mails apart, so that a slow mail server never delays a reply."""

WALKS = "rapport-walks"
MAIL = "rapport-mail"


def mail_queue(walks: str) -> str:
    """The queue of the mails of walks on this queue: `rapport-mail` beside `rapport-walks`."""
    return f"{walks.removesuffix('-walks')}-mail"
