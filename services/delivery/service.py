"""Delivery 投递: outbox messages are claimed, tried and finished; receipts are joined with them.

A claim is committed before anything leaves, and is the try: tries + 1, owner, lease, epoch. Every finish is fenced by
owner and epoch. What WeChat's answers mean is decided in `services.rules.delivery`; who talks to WeChat is
`scheduler.delivery`. Claims, finishes and receipts come in groups: a few statements and one commit for hundreds.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import Update

from services import audit
from services.delivery.claims import (
    LEASE,
    Batch,
    Claim,
    Finish,
    Pauses,
    TemplateIds,
    as_claim,
    decide,
    lapsed_may_repeat,
    repeating,
    subscription_id_for,
    taking,
    template_id_for,
    useful_for,
)
from services.delivery.gates import Gates, GateService
from services.models import Actor
from services.notices.catalogue import NOTICES
from services.ports import SendOutcome
from services.rules.delivery import (
    RECEIPT_WAIT,
    Channel,
    Fate,
    Hold,
    Mark,
    Refuse,
    Send,
    Verdict,
    judge,
)
from services.unit_of_work import Work
from storage.repositories.endings import Ending, EndingRepository, WindowChange
from storage.repositories.forgotten import LEFT
from storage.repositories.grants import GrantRepository
from storage.repositories.outbox import OutboxRepository, Taking, Waiting
from storage.repositories.people import PeopleRepository
from storage.repositories.receipts import Arrival, ReceiptRepository
from storage.states import DeliveryState

__all__ = [
    "Arrival",
    "Batch",
    "Claim",
    "DeliveryService",
    "Finish",
    "Gates",
    "TemplateIds",
    "take_receipt",
    "take_receipts",
    "waking",
]

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
_ENDED: Final = "the process ended while it was sending"


class DeliveryService:
    """Claiming and finishing; each verb is one unit of work of the delivery loop."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.outbox = OutboxRepository(work.session)
        self.endings = EndingRepository(work.session)

    async def claim(
        self,
        owner: str,
        limit: int,
        *,
        templates: TemplateIds,
        gates: Gates | None = None,
    ) -> Batch:
        """Up to `limit` messages to send now, one a follower, the oldest first; the claim counts once committed.

        Lapsed template messages come first, to be repeated under their id. Several processes may claim at once.
        `gates` say how many of each account may go; by default there is no limit.
        """
        gates = gates or Gates(shares=dict.fromkeys(self.work.tools.accounts, limit))
        left = dict(gates.shares)
        lapsed = await self._take_lapsed(limit)
        messages = await self._take_due(limit, left)
        pauses = await GateService(self.work).pauses() if lapsed or messages else Pauses()
        closed = pauses.accounts - gates.probing
        repeats, fresh, seen = list[Taking](), list[Taking](), 0
        for message in lapsed:
            if (
                message.account in closed
                or left.get(message.account, 0) <= 0
                or _rests(message, pauses, self.work.now)
            ):
                continue
            if template_id_for(message, templates):
                left[message.account] -= 1
                repeats.append(repeating(message))
        granted = await self._granted(messages, templates)
        for message in messages[: limit - len(repeats)]:
            if message.account in closed or left.get(message.account, 0) <= 0:
                continue
            seen += 1
            send = await self._decide(message, templates, pauses, has_grant=message.id in granted)
            if send is not None:
                left[message.account] -= 1
                fresh.append(taking(message, send))
        await self.outbox.claim(owner, [*repeats, *fresh])
        await GrantRepository(self.work.session).change(
            {
                (taken.message.follower_id, subscription_id_for(taken.message, templates)): -1
                for taken in fresh
                if taken.channel == Channel.SUBSCRIPTION
            },
            self.work.now,
        )
        claims = [as_claim(taken, owner, templates, repeated=True) for taken in repeats]
        claims += [as_claim(taken, owner, templates, repeated=False) for taken in fresh]
        return Batch(claims=tuple(claims), seen=seen + len(repeats))

    async def settle_lapsed(self, limit: int = 500) -> int:
        """What nobody finishes: claims of processes that died, and the `unknown` by their receipts or without.

        What may have left and may not be repeated becomes `unknown`; one whose receipt came is what that says; one
        whose receipt has not come in `RECEIPT_WAIT` is shown to staff. Says how many messages.
        """
        receipts = ReceiptRepository(self.work.session)
        lapsed = await self.outbox.take_lapsed(limit)
        settled = await self._settle_unknown([m for m in lapsed if not lapsed_may_repeat(m)])
        settled += await receipts.attribute(self.work.now)
        surfaced = await self.outbox.surface(RECEIPT_WAIT)
        for message_id in surfaced:
            log.error("delivery.no_receipt", message=str(message_id))
        return settled + len(surfaced)

    async def picture_sent(self, claim: Claim) -> bool:
        """Keep that the picture went, so that no later try sends it again; False when the claim was lost."""
        return await self.outbox.lease(
            claim.id, claim.owner, claim.epoch, LEASE, channel=Channel.AFTER_PICTURE
        )

    async def finish(self, claim: Claim, outcome: SendOutcome, *, note: str = "") -> Verdict | None:
        """`finish_many` for one."""
        (verdict,) = await self.finish_many([Finish(claim=claim, outcome=outcome, note=note)])
        return verdict

    async def finish_many(self, finishes: Sequence[Finish]) -> list[Verdict | None]:
        """Keep what tries came to; None for a claim that was lost to another process, of which nothing is kept."""
        moment = await self.outbox.clock()
        verdicts = [
            judge(
                one.outcome.reaction,
                one.claim.channel,
                tries=one.claim.tries,
                repeated=one.claim.repeated,
                tried_for=moment - one.claim.first_sent_at,
                jitter=self.work.tools.entropy.bits(16) / 65535,
            )
            for one in finishes
        ]
        judged = list(zip(finishes, verdicts, strict=True))
        kept = await self.endings.finish([self._ending(*pair) for pair in judged], self.work.now)
        ours = [(one, verdict) for one, verdict in judged if one.claim.id in kept]
        await self.endings.change_windows(
            [change for one, verdict in ours if (change := _window_change(one.claim, verdict))]
        )
        for one, verdict in ours:
            if verdict.mark is not None:
                await self._mark(one.claim.follower_id, verdict.mark, one.outcome)
        await GrantRepository(self.work.session).change(
            {
                (one.claim.follower_id, one.claim.template_id): 0 if verdict.clears_grant else 1
                for one, verdict in ours
                if one.claim.channel is Channel.SUBSCRIPTION and verdict.fate in (Fate.RETRY, Fate.LATER)
            },
            self.work.now,
        )
        await GateService(self.work).learn(judged)
        for one, verdict in judged:
            if one.claim.id not in kept:
                log.warning("delivery.claim_lost", message=str(one.claim.id), fate=verdict.fate.value)
        return [verdict if one.claim.id in kept else None for one, verdict in judged]

    async def _granted(self, messages: Sequence[Waiting], templates: TemplateIds) -> set[UUID]:
        """Messages for whose subscription notice the person has given a grant."""
        ids = {
            message.id: known for message in messages if (known := subscription_id_for(message, templates))
        }
        if not ids:
            return set()
        people = {message.follower_id for message in messages if message.id in ids}
        granted = await GrantRepository(self.work.session).granted(people, set(ids.values()))
        return {
            message.id for message in messages if (message.follower_id, ids.get(message.id, "")) in granted
        }

    async def _decide(
        self, message: Waiting, templates: TemplateIds, pauses: Pauses, *, has_grant: bool
    ) -> Send | None:
        if message.notice not in NOTICES:
            await self.outbox.write(
                message.id,
                state=DeliveryState.DEAD,
                errmsg=f"no notice {message.notice}",
                finished_at=self.work.now,
            )
            return None
        choice = decide(
            message,
            templates,
            pauses,
            self.work.now,
            quiet_hours=self.work.tools.quiet_hours,
            has_grant=has_grant,
        )
        match choice:
            case Refuse(reason):
                # A reminder that was written after they left is no news that somebody has to phone about.
                useless = reason == LEFT and useful_for(message.notice) is not None
                await self.outbox.write(
                    message.id,
                    state=DeliveryState.WITHDRAWN if useless else DeliveryState.FAILED,
                    errmsg=reason,
                    errcode=message.unreachable_code,
                    finished_at=self.work.now,
                )
                return None
            case Hold(until, waiting):
                anew = {"channel": Channel.WAITING, "attempts": 0} if waiting else {}
                await self.outbox.write(message.id, due_at=until, **anew)
                return None
            case Send():
                return choice

    async def _take_lapsed(self, limit: int) -> list[Waiting]:
        """Lapsed claims that may be repeated, locked; the others become `unknown`."""
        lapsed = await self.outbox.take_lapsed(limit)
        may = [message for message in lapsed if lapsed_may_repeat(message)]
        await self._settle_unknown([message for message in lapsed if message not in may])
        return may

    async def _take_due(self, limit: int, shares: Mapping[str, int]) -> list[Waiting]:
        most = {account: min(share, limit) for account, share in shares.items() if share > 0}
        if not most:
            return []
        followers = await self.outbox.lock_followers(self.work.now, limit, most)
        return await self.outbox.take_oldest(followers, self.work.now) if followers else []

    async def _settle_unknown(self, lapsed: Collection[Waiting]) -> int:
        for has_receipt in (True, False):
            ids = [message.id for message in lapsed if _has_receipt(message.channel) is has_receipt]
            if ids:
                await self.outbox.settle_unknown(ids, has_receipt=has_receipt, words=_ENDED)
        for message in lapsed:
            log.warning("delivery.unknown", message=str(message.id), channel=message.channel)
        return len(lapsed)

    def _ending(self, one: Finish, verdict: Verdict) -> Ending:
        claim, outcome = one.claim, one.outcome
        words = "; ".join(part for part in (one.note, outcome.errmsg) if part and part != "ok")
        again = verdict.fate in (Fate.RETRY, Fate.LATER)
        return Ending(
            id=claim.id,
            owner=claim.owner,
            epoch=claim.epoch,
            account=claim.account,
            state=_STATES[verdict.fate],
            errcode=outcome.errcode,
            errmsg=words.replace("\0", "")[:500] or None,
            msgid=outcome.msgid,
            repeat_in=verdict.delay if verdict.fate is Fate.REPEAT else None,
            due_at=self.work.now + verdict.delay if again else None,
            counts=verdict.fate is not Fate.LATER,
            has_receipt=claim.channel.has_receipt,
            finished_at=self.work.now if verdict.fate in _OVER else None,
        )

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


async def take_receipt(work: Work, account: str, msgid: str, status: str, *, openid: str = "") -> None:
    """`take_receipts` for one."""
    await take_receipts(work, [Arrival(account=account, openid=openid, msgid=msgid, status=status)])


async def take_receipts(work: Work, arrivals: Sequence[Arrival]) -> None:
    """Keep receipts (TEMPLATESENDJOBFINISH), and settle the messages they belong to, now or when their sends finish.

    One whose msgid no send was given settles the person's only `unknown` message; see `storage.repositories.receipts`.
    """
    if unmatched := await ReceiptRepository(work.session).take_in(arrivals, work.now):
        log.info("delivery.receipts_before_their_message", count=unmatched)


def waking(work: Work, follower_id: UUID) -> tuple[Update, dict[str, Any]]:
    """A window has opened: the statement by which what waits for it is due at once, and its parameters."""
    return OutboxRepository.waking(follower_id, Channel.WAITING, work.now)


def _has_receipt(channel: str | None) -> bool:
    return channel is not None and Channel(channel).has_receipt


def _rests(message: Waiting, pauses: Pauses, now: datetime) -> bool:
    until = pauses.apis.get(message.account, {}).get(Channel(message.channel or ""))
    return until is not None and until > now


def _window_change(claim: Claim, verdict: Verdict) -> WindowChange | None:
    if claim.window_until is None or (verdict.left and not verdict.closes_window):
        return None
    back = 0 if verdict.closes_window else claim.window_messages
    return WindowChange(follower_id=claim.follower_id, until=claim.window_until, back=back)
