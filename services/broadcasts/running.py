"""A round of the personal broadcasts that run: fill the outbox, take over what became of it, pause, end."""

from uuid import UUID

from services.broadcasts import personal
from services.broadcasts.models import BroadcastKind, BroadcastState
from services.broadcasts.receipts import watch
from services.broadcasts.service import finish
from services.unit_of_work import Work
from storage.repositories.broadcast_chunks import ChunkRepository
from storage.repositories.broadcasts import BroadcastRepository


async def feed_one(work: Work) -> int:
    """Of every running personal broadcast that is in no other hands; says for how many people something was queued."""
    repository, seen, queued = BroadcastRepository(work.session), list[UUID](), 0
    while (row := await repository.take_running(BroadcastKind.PERSONAL, seen)) is not None:
        seen.append(row.id)
        queued += await personal.feed(work, row)
        await watch(work, row)
        if row.state != BroadcastState.RUNNING:
            continue
        waits = await ChunkRepository(work.session).count_pending(row.id, 1)
        if not waits and not await repository.count_queued(row.id):
            finish(work, row)
    return queued
