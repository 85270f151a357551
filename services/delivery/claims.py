"""Claims: outbox rows as the delivery loop sees them, and as the rules of `services.rules.delivery` see them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from services.notices.catalogue import NOTICES
from services.ports import SendOutcome
from services.rules.delivery import (
    Channel,
    Demand,
    Hold,
    Reach,
    Refuse,
    Send,
    choose_channel,
    may_repeat,
)
from storage.repositories.outbox import Taking, Waiting

#: Longer than a send can take (its timeouts are 10 s, 60 s for an upload); lost claims are found after it.
LEASE: Final = timedelta(seconds=60)
PICTURE_LEASE: Final = timedelta(seconds=180)

#: Reminders are of no use long after their time, nor when the person writes some day: the chat tells the date then.
_USEFUL_FOR: Final[Mapping[str, timedelta]] = {
    "exam_reminder": timedelta(hours=12),
    "exam_reminder_urgent": timedelta(hours=2),
    # Without any channel its broadcast would never end.
    "broadcast": timedelta(hours=24),
}
#: Template ids by our key, for each account.
TemplateIds = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """One message to send now, claimed and committed."""

    id: UUID
    owner: str
    epoch: int
    #: Which try it is, from 1.
    tries: int
    #: Database time at which the first send under this id began.
    first_sent_at: datetime
    follower_id: UUID
    account: str
    openid: str
    notice: str
    facts: Mapping[str, Any]
    channel: Channel
    #: A send under this id may have left before.
    repeated: bool
    client_msg_id: str
    #: Template messages and subscription notices only.
    template_id: str = ""
    #: A picture goes before the text.
    picture_first: bool = False
    #: The customer-service window that it uses, and how many of its messages.
    window_until: datetime | None = None
    window_messages: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Finish:
    """What a try came to; `note` is for staff: what went otherwise than planned although the message left."""

    claim: Claim
    outcome: SendOutcome
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What one look at the outbox gave; `seen` also counts what was held back or refused."""

    claims: tuple[Claim, ...]
    seen: int


@dataclass(frozen=True, kw_only=True)
class Pauses:
    """What is not to be called for now: whole accounts, and APIs of an account with the end of their rest."""

    accounts: frozenset[str] = frozenset()
    apis: Mapping[str, Mapping[Channel, datetime]] = field(default_factory=dict)


def decide(
    message: Waiting,
    templates: TemplateIds,
    pauses: Pauses,
    now: datetime,
    *,
    quiet_hours: bool,
    has_grant: bool = False,
) -> Send | Hold | Refuse:
    """How a message of a known notice goes now, or that it does not; without `quiet_hours` nothing waits for the morning."""
    notice = NOTICES[message.notice]
    reach = Reach(
        unfollowed=message.unfollowed_at is not None,
        unreachable_code=message.unreachable_code,
        last_inbound_at=message.last_inbound_at,
        window_until=message.window_until,
        window_left=message.window_left,
    )
    demand = Demand(
        can_wait=notice.can_wait and quiet_hours,
        has_template=bool(template_id_for(message, templates)),
        has_grant=has_grant,
        has_picture=bool(notice.picture_fact and message.facts.get(notice.picture_fact)),
        due_at=message.due_at,
        useful_for=useful_for(message.notice),
        channel=Channel(message.channel) if message.channel else None,
    )
    return choose_channel(reach, demand, now, pauses.apis.get(message.account, {}))


def taking(message: Waiting, send: Send) -> Taking:
    """A first try through the channel that was chosen."""
    return Taking(
        message=message,
        channel=send.channel,
        lease=PICTURE_LEASE if send.messages > 1 else LEASE,
        first_sent_at=message.read_at,
        window_messages=send.messages,
    )


def repeating(message: Waiting) -> Taking:
    """A further try under the id of the first, which may have left."""
    return Taking(
        message=message,
        channel=message.channel or "",
        lease=LEASE,
        first_sent_at=message.first_sent_at or message.read_at,
    )


def as_claim(taken: Taking, owner: str, templates: TemplateIds, *, repeated: bool) -> Claim:
    """What is claimed, for the loop."""
    message, channel, messages = taken.message, Channel(taken.channel), taken.window_messages
    return Claim(
        id=message.id,
        owner=owner,
        epoch=message.epoch + 1,
        tries=message.attempts + 1,
        first_sent_at=taken.first_sent_at,
        follower_id=message.follower_id,
        account=message.account,
        openid=message.openid,
        notice=message.notice,
        facts=message.facts,
        channel=channel,
        repeated=repeated,
        client_msg_id=message.client_msg_id,
        template_id=_TEMPLATE_OF[channel](message, templates) if channel in _TEMPLATE_OF else "",
        picture_first=messages > 1,
        window_until=message.window_until if messages else None,
        window_messages=messages,
    )


def lapsed_may_repeat(message: Waiting) -> bool:
    """Whether a message whose lease has lapsed, and which may have left, may be sent again."""
    channel = Channel(message.channel) if message.channel else None
    tried_for = message.read_at - (message.first_sent_at or message.read_at)
    return may_repeat(channel, tries=message.attempts, tried_for=tried_for)


def useful_for(notice: str) -> timedelta | None:
    """How long after its time a notice is of use; None: for ever."""
    return _USEFUL_FOR.get(notice)


def subscription_key(key: str) -> str:
    """Under which the id of a template's subscription notice stands in `TemplateIds`."""
    return f"subscription/{key}"


def subscription_id_for(message: Waiting, templates: TemplateIds) -> str:
    """The id of the notice's subscription notice in the follower's account, or empty."""
    notice = NOTICES.get(message.notice)
    if notice is None or notice.template is None:
        return ""
    return templates.get(message.account, {}).get(subscription_key(notice.template.key), "")


def template_id_for(message: Waiting, templates: TemplateIds) -> str:
    """The id of the notice's template in the follower's account, or empty."""
    notice = NOTICES.get(message.notice)
    if notice is None or notice.template is None:
        return ""
    return templates.get(message.account, {}).get(notice.template.key, "")


_TEMPLATE_OF: Final = {Channel.TEMPLATE: template_id_for, Channel.SUBSCRIPTION: subscription_id_for}
