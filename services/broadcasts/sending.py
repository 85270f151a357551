"""Mass sends in batches: a batch is formed and claimed in one transaction, then sent, then finished.

One batch of a broadcast is under way at a time, under an id (`clientmsgid`) of its own that WeChat sends once. A process
that dies leaves a claim whose lease runs out; another one sends the same people the same id again, and WeChat answers
45065 with the first msgid if it had taken it. So nobody is lost and nobody is written to twice.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import structlog

from services.broadcasts.models import BroadcastKind, ChunkState, Content, RecipientState
from services.broadcasts.receipts import apply_receipt, watch
from services.broadcasts.service import finish, hold
from services.models import Actor
from services.ports import SendOutcome
from services.rules import broadcasting as rules
from services.rules.broadcasting import ChunkFate, ChunkVerdict
from services.rules.calendar import next_allowed
from services.unit_of_work import Work
from storage.broadcast_states import BroadcastState
from storage.repositories.broadcast_chunks import ChunkRepository, lease
from storage.repositories.broadcasts import BroadcastRepository
from storage.tables import Broadcast, BroadcastChunk

log = structlog.get_logger(__name__)

#: Longer than uploading a picture and sending can take.
LEASE: Final = timedelta(seconds=180)
_SYSTEM: Final = Actor.system("broadcasts")


@dataclass(frozen=True, kw_only=True)
class ChunkClaim:
    """A batch to send now, claimed and committed."""

    id: UUID
    broadcast_id: UUID
    account: str
    owner: str
    epoch: int
    client_msg_id: str
    content: Content
    picture_key: str
    #: Already uploaded; empty when it must be.
    material_id: str
    openids: tuple[str, ...] = field(repr=False)


class ChunkService:
    """Each verb is one unit of work of the broadcast loop."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.broadcasts = BroadcastRepository(work.session)
        self.chunks = ChunkRepository(work.session)

    async def claim(self, owner: str) -> ChunkClaim | None:
        """A batch to send now: one whose try is due or whose sender died, else a new one; None when there is none.

        Nothing new begins in the quiet hours.
        """
        taken = await self.chunks.take_open(self.work.now)
        if taken is not None:
            return await self._claim(*taken, owner)
        if self.work.tools.quiet_hours and next_allowed(self.work.now) > self.work.now:
            return None
        busy = list[UUID]()
        while (row := await self.broadcasts.take_running(BroadcastKind.MASS, busy)) is not None:
            busy.append(row.id)
            if await self.chunks.find_open(row.id) is not None:
                continue
            if (chunk := await self._form(row)) is not None:
                return await self._claim(chunk, row, owner)
        return None

    async def keep_material(self, claim: ChunkClaim, material_id: str) -> None:
        """What was uploaded for it, so that the next batch needs not; another process may have been faster."""
        row = await self.broadcasts.find(claim.broadcast_id, for_update=True)
        if row is not None and not row.material_id:
            row.material_id = material_id

    async def finish(self, claim: ChunkClaim, outcome: SendOutcome) -> ChunkVerdict | None:
        """Keep what a try came to; None when the claim was lost to another process, and then nothing is kept."""
        row = await self.broadcasts.find(claim.broadcast_id, for_update=True)
        chunk = await self.work.session.get(BroadcastChunk, claim.id, populate_existing=True)
        if row is None or chunk is None:
            return None
        moment = await self.chunks.clock()
        verdict = rules.judge_chunk(
            outcome.reaction,
            tries=max(1, chunk.attempts),
            may_have_left=chunk.may_have_left,
            tried_for=moment - (chunk.first_sent_at or moment),
            jitter=self.work.tools.entropy.bits(16) / 65535,
        )
        if verdict.fate is ChunkFate.ACCEPTED and outcome.msgid is not None:
            await self.chunks.lock_msgid(claim.account, outcome.msgid)
        if not await self.chunks.finish(
            claim.id, claim.owner, claim.epoch, self._values(chunk, outcome, verdict)
        ):
            log.warning("broadcast.claim_lost", chunk=str(claim.id), fate=verdict.fate.value)
            return None
        await self._follow(claim, row, outcome, verdict)
        return verdict

    async def _form(self, row: Broadcast) -> BroadcastChunk | None:
        """A new batch of a running broadcast that is locked; None when nobody waits any more."""
        while waiting := await self.chunks.count_pending(row.id, rules.MOST_OF_A_CHUNK * 2):
            chunk_id = uuid4()
            taken, _ = await self.chunks.form(
                row.id,
                chunk_id,
                rules.chunk_size(waiting),
                now=self.work.now,
                month=rules.month_began(self.work.now),
                monthly=rules.MONTHLY,
            )
            if taken == 0:
                continue
            number = await self.chunks.next_number(row.id)
            chunk = BroadcastChunk(
                id=chunk_id,
                broadcast_id=row.id,
                account=row.account,
                number=number,
                size=taken,
                state=ChunkState.WAITING,
                client_msg_id=f"zt-{row.id.hex}-{number}",
                due_at=self.work.now,
                created_at=self.work.now,
                attempts=0,
                epoch=0,
                may_have_left=False,
            )
            await self.chunks.add(chunk)
            if taken >= rules.LEAST_OF_A_CHUNK:
                return chunk
            # All others were passed over; WeChat takes two and more.
            chunk.state, chunk.finished_at, chunk.errmsg = ChunkState.FAILED, self.work.now, "alone"
            await self.chunks.move(chunk_id, RecipientState.FAILED, reason="alone", sent_at=None)
        await self._end(row)
        return None

    async def _claim(self, chunk: BroadcastChunk, row: Broadcast, owner: str) -> ChunkClaim:
        moment = await self.chunks.clock()
        # A sender that died may have sent it.
        chunk.may_have_left = chunk.may_have_left or chunk.state == ChunkState.SENDING
        chunk.state, chunk.owner = ChunkState.SENDING, owner
        chunk.attempts += 1
        chunk.epoch += 1
        chunk.first_sent_at = chunk.first_sent_at or moment
        chunk.lease_until = lease(LEASE)
        await self.work.session.flush()
        return ChunkClaim(
            id=chunk.id,
            broadcast_id=row.id,
            account=row.account,
            owner=owner,
            epoch=chunk.epoch,
            client_msg_id=chunk.client_msg_id,
            content=Content.of(row.content),
            picture_key=row.picture_key,
            material_id=row.material_id,
            openids=tuple(await self.chunks.openids(chunk.id)),
        )

    def _values(self, chunk: BroadcastChunk, outcome: SendOutcome, verdict: ChunkVerdict) -> dict[str, Any]:
        now = self.work.now
        values: dict[str, Any] = {
            "lease_until": None,
            "may_have_left": verdict.may_have_left,
            "errcode": outcome.errcode or None,
            "errmsg": outcome.errmsg[:200]
            if outcome.errcode or verdict.fate is not ChunkFate.ACCEPTED
            else None,
        }
        match verdict.fate:
            case ChunkFate.ACCEPTED:
                values |= {"state": ChunkState.ACCEPTED, "msgid": outcome.msgid, "accepted_at": now}
            case ChunkFate.AGAIN:
                values |= {"state": ChunkState.WAITING, "due_at": now + verdict.delay}
                if not verdict.counts:
                    values["attempts"] = chunk.attempts - 1
            case ChunkFate.RELEASE:
                values |= {"state": ChunkState.RELEASED, "finished_at": now}
            case ChunkFate.UNKNOWN:
                values |= {"state": ChunkState.UNKNOWN, "finished_at": now}
            case ChunkFate.FAILED:
                values |= {"state": ChunkState.FAILED, "finished_at": now}
        return values

    async def _follow(
        self, claim: ChunkClaim, row: Broadcast, outcome: SendOutcome, verdict: ChunkVerdict
    ) -> None:
        """What the try means for the recipients and for the broadcast as a whole."""
        said = {"errcode": outcome.errcode or None, "reason": outcome.errmsg[:200] or outcome.reaction.value}
        match verdict.fate:
            case ChunkFate.ACCEPTED:
                await self.chunks.move(claim.id, RecipientState.ACCEPTED)
                if outcome.msgid is not None:
                    receipt = await self.chunks.find_receipt(claim.account, outcome.msgid)
                    if receipt is not None:
                        await apply_receipt(self.work, receipt)
            case ChunkFate.RELEASE:
                back = (
                    RecipientState.CANCELLED
                    if row.state == BroadcastState.CANCELLED
                    else RecipientState.PENDING
                )
                await self.chunks.move(claim.id, back, chunk_id=None, sent_at=None)
            case ChunkFate.UNKNOWN:
                await self.chunks.move(claim.id, RecipientState.UNKNOWN, **said)
            case ChunkFate.FAILED:
                await self.chunks.move(claim.id, RecipientState.FAILED, sent_at=None, **said)
            case ChunkFate.AGAIN:
                pass
        if verdict.upload_again:
            row.material_id = ""
        if (
            verdict.fate is ChunkFate.AGAIN
            and row.state == BroadcastState.CANCELLED
            and not verdict.may_have_left
        ):
            await self._give_up(claim)
        if row.state != BroadcastState.RUNNING:
            return
        if verdict.pauses:
            log.error("broadcast.standstill", broadcast=row.number, errcode=outcome.errcode)
            await hold(self.work, _SYSTEM, row, f"wechat {outcome.errcode} {outcome.errmsg}".strip()[:200])
            return
        await watch(self.work, row)
        if row.state == BroadcastState.RUNNING and verdict.fate not in (ChunkFate.AGAIN, ChunkFate.RELEASE):
            await self._end(row)

    async def _give_up(self, claim: ChunkClaim) -> None:
        """It never left, and its broadcast was cancelled meanwhile."""
        chunk = await self.work.session.get(BroadcastChunk, claim.id, populate_existing=True)
        if chunk is not None:
            chunk.state, chunk.finished_at = ChunkState.RELEASED, self.work.now
        await self.chunks.move(claim.id, RecipientState.CANCELLED, chunk_id=None, sent_at=None)

    async def _end(self, row: Broadcast) -> None:
        """Over when nobody waits and nothing is under way."""
        if await self.chunks.count_pending(row.id, 1) or await self.chunks.find_open(row.id) is not None:
            return
        finish(self.work, row)
