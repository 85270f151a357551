"""What WeChat reports of a batch: MASSSENDJOBFINISH joined whenever it comes, and asked for when it does not.

WeChat tells how many got it, never who: a batch that went well counts as delivered, and its figures stand in the report.
"""

from dataclasses import dataclass
from uuid import UUID

import structlog

from services import audit
from services.broadcasts.models import BroadcastKind, BroadcastState, ChunkState, RecipientState
from services.broadcasts.service import hold
from services.models import Actor
from services.rules import broadcasting as rules
from services.unit_of_work import Work
from storage.repositories.broadcast_chunks import ChunkRepository
from storage.repositories.broadcasts import BroadcastRepository
from storage.tables import Broadcast, BroadcastChunk, MassSendReceipt

log = structlog.get_logger(__name__)

_SYSTEM = Actor.system("broadcasts")
#: WeChat's words for a batch that went; anything else is why it did not.
_WENT = ("send success", "sendsuccess", "send_success")
#: `message/mass/get`: still on its way.
_UNDER_WAY = ("sending",)


@dataclass(frozen=True, kw_only=True)
class Counts:
    """MASSSENDJOBFINISH."""

    msgid: str
    status: str
    total: int
    filtered: int
    sent: int
    errors: int


@dataclass(frozen=True, kw_only=True)
class Question:
    """A batch that WeChat is to be asked about."""

    chunk_id: UUID
    account: str
    msgid: str


async def take_mass_receipt(work: Work, account: str, counts: Counts) -> None:
    """Keep it, and settle the batch it belongs to, now or when its send is finished."""
    chunks = ChunkRepository(work.session)
    await chunks.lock_msgid(account, counts.msgid)
    await chunks.add_receipt(
        {
            "account": account,
            "msgid": counts.msgid,
            "status": counts.status[:200],
            "total": counts.total,
            "filtered": counts.filtered,
            "sent": counts.sent,
            "errors": counts.errors,
            "created_at": work.now,
        }
    )
    receipt = await chunks.find_receipt(account, counts.msgid)
    if receipt is not None:
        await apply_receipt(work, receipt)


async def apply_receipt(work: Work, receipt: MassSendReceipt) -> None:
    """Give a batch its figures; the caller holds the lock of the msgid. Nothing when no batch waits for it (yet)."""
    chunk = await ChunkRepository(work.session).find_accepted(receipt.account, receipt.msgid)
    if chunk is None:
        return
    chunk.total, chunk.filtered = receipt.total, receipt.filtered
    chunk.sent, chunk.errors = receipt.sent, receipt.errors
    await _settle(work, chunk, receipt.status)


async def next_question(work: Work) -> Question | None:
    """A batch of which nothing was heard for half an hour; that it is asked about is kept before it is."""
    chunk = await ChunkRepository(work.session).take_silent(
        work.now - rules.ASK_AFTER, work.now - rules.ASK_AGAIN
    )
    if chunk is None or chunk.msgid is None:
        return None
    chunk.asked_at = work.now
    return Question(chunk_id=chunk.id, account=chunk.account, msgid=chunk.msgid)


async def take_answer(work: Work, question: Question, status: str) -> None:
    """What WeChat answered: it went, it did not, or it is still on its way."""
    chunk = await work.session.get(BroadcastChunk, question.chunk_id, with_for_update=True)
    if chunk is None or chunk.state != ChunkState.ACCEPTED or status.strip().lower() in _UNDER_WAY:
        return
    log.info("broadcast.asked", chunk=str(chunk.id), status=status[:40])
    await _settle(work, chunk, status)


async def watch(work: Work, row: Broadcast) -> None:
    """Pause a running broadcast that is locked when more than 5 % failed."""
    if row.state != BroadcastState.RUNNING:
        return
    repository = BroadcastRepository(work.session)
    counts = await repository.counts(row.id)
    failed = counts.get(RecipientState.FAILED, 0)
    decided = failed + sum(
        counts.get(state, 0) for state in (RecipientState.ACCEPTED, RecipientState.DELIVERED)
    )
    if row.kind == BroadcastKind.MASS:
        failed += (await repository.mass_failures(row.id))[0]
    if rules.too_many_failed(failed, decided):
        log.error("broadcast.too_many_failed", broadcast=row.number, failed=failed, decided=decided)
        await hold(work, _SYSTEM, row, f"failures {failed}/{decided}")


async def _settle(work: Work, chunk: BroadcastChunk, status: str) -> None:
    went = status.strip().lower() in _WENT
    chunk.state, chunk.finished_at = (ChunkState.FINISHED if went else ChunkState.FAILED), work.now
    chunk.errmsg = None if went else status[:200]
    await work.session.flush()
    chunks = ChunkRepository(work.session)
    if went:
        await chunks.move(chunk.id, RecipientState.DELIVERED)
    else:
        await chunks.move(chunk.id, RecipientState.FAILED, reason=status[:200], sent_at=None)
    audit.record(
        work,
        _SYSTEM,
        "broadcast.reported",
        "broadcast",
        chunk.broadcast_id,
        after={"batch": chunk.number, "status": status[:60], "sent": chunk.sent, "errors": chunk.errors},
    )
    row = await BroadcastRepository(work.session).find(chunk.broadcast_id, for_update=True)
    if row is not None:
        await watch(work, row)
