"""What reads our mailboxes and sends replies on, from the settings."""

from collections.abc import Callable, Mapping
from functools import partial

from rapport.mail.inbound_account import Account, key_of, read_accounts
from rapport.mail.inbound_imap import ImapFolder
from rapport.usecases.forwarding import ReplyForwarder
from rapport.usecases.incoming_mail import MailDoor
from rapport.usecases.mailbox_desk import Folder, StoreMailboxDesk
from rapport.wiring.house import House


def mailbox_desk(house: House, environ: Mapping[str, str]) -> StoreMailboxDesk:
    """The desk of all mailboxes that RAPPORT_MAILBOXES names; `environ` holds what opens them."""
    accounts = read_accounts(house.settings.mailboxes)
    return StoreMailboxDesk(
        store=house.store,
        door=MailDoor(clock=house.clock, pepper=house.settings.pepper),
        clock=house.clock,
        signer=house.signer,
        folders={account.name: _opener(account, environ) for account in accounts},
    )


def reply_forwarder(house: House) -> ReplyForwarder:
    """What sends replies on to recruiters."""
    settings = house.settings
    return ReplyForwarder(
        store=house.store,
        mailer=house.mailer,
        clock=house.clock,
        mail_domain=settings.mail_domain,
        reply_domain=settings.reply_domain,
        bounce_domain=settings.bounce_domain,
        secret=settings.pepper,
    )


def _opener(account: Account, environ: Mapping[str, str]) -> Callable[[], Folder]:
    # The key stays the same object, so that a token is asked for once an hour and not once a look.
    return partial(ImapFolder, account, key_of(account, environ))
