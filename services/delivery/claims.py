"""Claims: outbox rows as the delivery loop sees them, and as the rules of `services.rules.delivery` see them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog

from services.notices.catalogue import Notice
from services.rules.delivery import Channel, Demand, Reach, may_repeat
from storage.states import DeliveryState
from storage.tables import Follower, OutboxMessage

log = structlog.get_logger(__name__)

#: Longer than a send can take (its timeouts are 10 s, 60 s for an upload); lost claims are found after it.
LEASE: Final = timedelta(seconds=60)
PICTURE_LEASE: Final = timedelta(seconds=180)

#: Reminders are of no use long after their time, nor when the person writes some day: the chat tells the date then.
_USEFUL_FOR: Final[Mapping[str, timedelta]] = {
    "exam_reminder": timedelta(hours=12),
    "exam_reminder_urgent": timedelta(hours=2),
}
#: Template ids by our key, for each account.
TemplateIds = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
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
    #: Template messages only.
    template_id: str = ""
    #: A picture goes before the text.
    picture_first: bool = False
    #: The customer-service window that it uses, and how many of its messages.
    window_until: datetime | None = None
    window_messages: int = 0


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What one look at the outbox gave; `seen` also counts what was held back or refused."""

    claims: tuple[Claim, ...]
    seen: int


@dataclass(frozen=True, kw_only=True)
class Pauses:
    """What is not to be called for now: whole accounts, and APIs of an account with the end of their rest."""

    accounts: Collection[str] = ()
    apis: Mapping[str, Mapping[Channel, datetime]] = field(default_factory=dict)


def settle_row(message: OutboxMessage, moment: datetime) -> bool:
    """Of a message whose lease has lapsed: `unknown`, unless it may be repeated; says whether it is settled."""
    channel = Channel(message.channel) if message.channel else None
    if may_repeat(channel, tries=message.attempts, tried_for=moment - message.due_at):
        return False
    message.state, message.lease_until = DeliveryState.UNKNOWN, None
    message.errmsg = message.errmsg or "the process ended while it was sending"
    log.warning("delivery.unknown", message=str(message.id), channel=message.channel)
    return True


def mark_claimed(message: OutboxMessage, owner: str, lease_until: datetime) -> None:
    """One try more, by `owner`, until `lease_until` of the database's clock."""
    message.attempts += 1
    message.epoch += 1
    message.owner, message.lease_until = owner, lease_until


def as_claim(
    message: OutboxMessage, follower: Follower, template_id: str, messages: int, *, repeated: bool = False
) -> Claim:
    """A claimed row for the loop; `messages` is what it takes from the follower's window."""
    channel = Channel(message.channel or "")
    return Claim(
        id=message.id,
        owner=message.owner or "",
        epoch=message.epoch,
        tries=message.attempts,
        first_sent_at=message.due_at,
        follower_id=follower.id,
        account=follower.account,
        openid=follower.openid,
        notice=message.notice,
        facts=dict(message.facts),
        channel=channel,
        repeated=repeated,
        client_msg_id=message.client_msg_id,
        template_id=template_id if channel is Channel.TEMPLATE else "",
        picture_first=messages > 1,
        window_until=follower.window_until if messages else None,
        window_messages=messages,
    )


def template_id_for(notice: Notice, follower: Follower, templates: TemplateIds) -> str:
    """The id of the notice's template in the follower's account, or empty."""
    if notice.template is None:
        return ""
    return templates.get(follower.account, {}).get(notice.template.key, "")


def reach_of(follower: Follower) -> Reach:
    """What the rules need to know of a follower."""
    return Reach(
        unfollowed=follower.unfollowed_at is not None,
        unreachable_code=follower.unreachable_code,
        last_inbound_at=follower.last_inbound_at,
        window_until=follower.window_until,
        window_left=follower.window_left,
    )


def demand_of(message: OutboxMessage, notice: Notice, *, quiet_hours: bool, has_template: bool) -> Demand:
    """What the rules need to know of a message; without `quiet_hours` nothing waits for the morning."""
    return Demand(
        can_wait=notice.can_wait and quiet_hours,
        has_template=has_template,
        has_picture=bool(notice.picture_fact and message.facts.get(notice.picture_fact)),
        due_at=message.due_at,
        useful_for=_USEFUL_FOR.get(message.notice),
        channel=Channel(message.channel) if message.channel else None,
    )
