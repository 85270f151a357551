"""Delivery 投递: outbox messages are claimed, tried and finished; receipts are joined with them.

A claim is committed before anything leaves, and is the try: tries + 1, owner, lease, epoch. Every finish is fenced by
owner and epoch. What WeChat's answers mean is decided in `services.rules.delivery`; who talks to WeChat is
`scheduler.delivery`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import Update, func

from services import audit
from services.delivery.claims import (
    LEASE,
    PICTURE_LEASE,
    Batch,
    Claim,
    Pauses,
    TemplateIds,
    as_claim,
    demand_of,
    mark_claimed,
    reach_of,
    settle_row,
    template_id_for,
)
from services.models import Actor
from services.notices.catalogue import NOTICES
from services.ports import SendOutcome
from services.rules.delivery import (
    Channel,
    Fate,
    Hold,
    Mark,
    Refuse,
    Send,
    Verdict,
    choose_channel,
    judge,
)
from services.unit_of_work import Work
from storage.repositories.forgotten import LEFT
from storage.repositories.outbox import OutboxRepository
from storage.repositories.people import PeopleRepository
from storage.states import DeliveryState
from storage.tables import Follower, OutboxMessage

__all__ = ["Batch", "Claim", "DeliveryService", "Pauses", "TemplateIds", "take_receipt", "waking"]

log = structlog.get_logger(__name__)

_ACTOR = Actor.system("delivery")
_STATES: Final[Mapping[Fate, DeliveryState]] = {
    Fate.ACCEPTED: DeliveryState.ACCEPTED,
    Fate.RETRY: DeliveryState.QUEUED,
    Fate.LATER: DeliveryState.QUEUED,
    Fate.REPEAT: DeliveryState.SENDING,
    Fate.UNKNOWN: DeliveryState.UNKNOWN,
    Fate.FAILED: DeliveryState.FAILED,
    Fate.DEAD: DeliveryState.DEAD,
}
_OVER: Final = frozenset({Fate.ACCEPTED, Fate.FAILED, Fate.DEAD})


class DeliveryService:
    """Claiming and finishing; each verb is one unit of work of the delivery loop."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.outbox = OutboxRepository(work.session)

    async def claim(self, owner: str, limit: int, *, templates: TemplateIds, pauses: Pauses) -> Batch:
        """Up to `limit` messages to send now, one a follower, the oldest first; the claim counts once committed.

        Lapsed template messages come first, to be repeated under their id. Several processes may claim at once.
        """
        claims = await self._repeats(owner, limit, templates)
        room = limit - len(claims)
        if room <= 0:
            return Batch(claims=tuple(claims), seen=len(claims))
        followers = await self.outbox.lock_followers(self.work.now, room, pauses.accounts)
        if not followers:
            return Batch(claims=tuple(claims), seen=len(claims))
        moment = await self.outbox.clock()
        by_id = {follower.id: follower for follower in followers}
        messages = await self.outbox.take_oldest(by_id.keys(), self.work.now)
        for message in messages:
            follower = by_id[message.follower_id]
            claim = self._decide(message, follower, owner, moment, templates, pauses)
            if claim is not None:
                claims.append(claim)
        return Batch(claims=tuple(claims), seen=len(claims) + len(messages))

    async def settle_lapsed(self, limit: int = 500) -> int:
        """Claims of processes that died: what may have left and may not be repeated becomes `unknown`."""
        lapsed = await self.outbox.take_lapsed(limit)
        moment = await self.outbox.clock()
        return sum(settle_row(message, moment) for message, _ in lapsed)

    async def picture_sent(self, claim: Claim) -> bool:
        """Keep that the picture went, so that no later try sends it again; False when the claim was lost."""
        return await self.outbox.lease(
            claim.id, claim.owner, claim.epoch, LEASE, channel=Channel.AFTER_PICTURE
        )

    async def finish(self, claim: Claim, outcome: SendOutcome, *, note: str = "") -> Verdict | None:
        """Keep what a try came to; None when the claim was lost to another process, and then nothing is kept.

        `note` is for staff: what went otherwise than planned although the message left.
        """
        moment = await self.outbox.clock()
        verdict = judge(
            outcome.reaction,
            claim.channel,
            tries=claim.tries,
            repeated=claim.repeated,
            tried_for=moment - claim.first_sent_at,
            jitter=self.work.tools.entropy.bits(16) / 65535,
        )
        accepted = verdict.fate is Fate.ACCEPTED
        if accepted and outcome.msgid is not None:
            await self.outbox.lock_msgid(claim.account, outcome.msgid)
        values = self._values(claim, outcome, verdict, note)
        if not await self.outbox.finish(claim.id, claim.owner, claim.epoch, values):
            log.warning("delivery.claim_lost", message=str(claim.id), fate=verdict.fate.value)
            return None
        if accepted and outcome.msgid is not None:
            status = await self.outbox.find_receipt(claim.account, outcome.msgid)
            if status is not None:
                await self.outbox.settle(claim.account, outcome.msgid, _by_receipt(status, self.work.now))
        await self._keep_window(claim, verdict)
        if verdict.mark is not None:
            await self._mark(claim.follower_id, verdict.mark, outcome)
        return verdict

    def _decide(
        self,
        message: OutboxMessage,
        follower: Follower,
        owner: str,
        moment: datetime,
        templates: TemplateIds,
        pauses: Pauses,
    ) -> Claim | None:
        notice = NOTICES.get(message.notice)
        if notice is None:
            message.state, message.errmsg = DeliveryState.DEAD, f"no notice {message.notice}"
            message.finished_at = self.work.now
            return None
        template_id = template_id_for(notice, follower, templates)
        demand = demand_of(
            message, notice, quiet_hours=self.work.tools.quiet_hours, has_template=bool(template_id)
        )
        choice = choose_channel(
            reach_of(follower), demand, self.work.now, pauses.apis.get(follower.account, {})
        )
        match choice:
            case Refuse(reason):
                # A reminder that was written after they left is no news that somebody has to phone about.
                useless = reason == LEFT and demand.useful_for is not None
                message.state = DeliveryState.WITHDRAWN if useless else DeliveryState.FAILED
                message.errmsg = reason
                message.errcode, message.finished_at = follower.unreachable_code, self.work.now
                return None
            case Hold(until, waiting):
                message.due_at = until
                if waiting:
                    message.channel, message.attempts = Channel.WAITING, 0
                return None
            case Send(channel, messages):
                message.channel, message.due_at, message.state = channel, moment, DeliveryState.SENDING
                follower.window_left -= messages
                picture = messages > 1
                mark_claimed(message, owner, moment + (PICTURE_LEASE if picture else LEASE))
                return as_claim(message, follower, template_id, messages)

    async def _repeats(self, owner: str, limit: int, templates: TemplateIds) -> list[Claim]:
        claims = list[Claim]()
        lapsed = await self.outbox.take_lapsed(limit)
        moment = await self.outbox.clock() if lapsed else self.work.now
        for message, follower in lapsed:
            notice = NOTICES.get(message.notice)
            template_id = template_id_for(notice, follower, templates) if notice else ""
            if settle_row(message, moment) or not template_id:
                continue
            mark_claimed(message, owner, moment + LEASE)
            claims.append(as_claim(message, follower, template_id, 0, repeated=True))
        return claims

    def _values(self, claim: Claim, outcome: SendOutcome, verdict: Verdict, note: str) -> dict[str, Any]:
        words = "; ".join(part for part in (note, outcome.errmsg) if part and part != "ok")
        values: dict[str, Any] = {
            "state": _STATES[verdict.fate],
            "lease_until": None,
            "errcode": outcome.errcode,
            "errmsg": words[:500] or None,
        }
        if outcome.msgid is not None:
            values["msgid"] = outcome.msgid
        if verdict.fate in _OVER:
            values["finished_at"] = self.work.now
        if verdict.fate is Fate.REPEAT:
            values["lease_until"] = func.clock_timestamp() + verdict.delay
        if verdict.fate in (Fate.RETRY, Fate.LATER):
            values["due_at"] = self.work.now + verdict.delay
            values["owner"] = None
        if verdict.fate is Fate.LATER:
            values["attempts"] = claim.tries - 1
        return values

    async def _keep_window(self, claim: Claim, verdict: Verdict) -> None:
        if claim.window_until is None:
            return
        if verdict.closes_window:
            await self.outbox.close_window(claim.follower_id, claim.window_until)
        elif not verdict.left:
            await self.outbox.give_back(claim.follower_id, claim.window_until, claim.window_messages)

    async def _mark(self, follower_id: UUID, mark: Mark, outcome: SendOutcome) -> None:
        follower = await PeopleRepository(self.work.session).get_follower(follower_id)
        follower.window_until, follower.window_left = None, 0
        if mark is Mark.UNFOLLOWED:
            follower.unfollowed_at = follower.unfollowed_at or self.work.now
        else:
            follower.unreachable_code = outcome.errcode
        await self.work.session.flush()
        dropped = await self.outbox.fail_queued(follower_id, mark.value, outcome.errcode, self.work.now)
        audit.record(
            self.work,
            _ACTOR,
            f"follower.{mark.value}",
            "follower",
            follower_id,
            after={"errcode": outcome.errcode, "dropped": dropped},
        )


async def take_receipt(work: Work, account: str, msgid: str, status: str) -> None:
    """Keep TEMPLATESENDJOBFINISH, and settle the message it belongs to, now or when its send is finished.

    `status` is WeChat's: `success`, `failed:user block`, `failed: system failed`.
    """
    outbox = OutboxRepository(work.session)
    await outbox.lock_msgid(account, msgid)
    await outbox.add_receipt(account, msgid, status, work.now)
    await outbox.settle(account, msgid, _by_receipt(status, work.now))


def waking(work: Work, follower_id: UUID) -> Update:
    """A window has opened: the statement by which what waits for it is due at once."""
    return OutboxRepository.waking(follower_id, Channel.WAITING, work.now)


def _by_receipt(status: str, now: datetime) -> dict[str, Any]:
    if status.strip().lower() == "success":
        return {"state": DeliveryState.DELIVERED, "finished_at": now}
    return {"state": DeliveryState.FAILED, "errmsg": status[:500], "finished_at": now}
