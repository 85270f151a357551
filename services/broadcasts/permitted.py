"""One broadcast for whoever may have it (B9), locked where it is to change."""

from uuid import UUID

from services.access import ensure_officer, ensure_reader
from services.errors import ConflictError, NotFoundError
from services.models import Actor
from services.rules.broadcasting import TRANSITIONS, Verb
from services.unit_of_work import Work
from storage.broadcast_states import BroadcastState
from storage.repositories.broadcasts import BroadcastRepository
from storage.tables import Broadcast


async def readable(work: Work, actor: Actor, broadcast_id: UUID) -> Broadcast:
    """To look at. Raises NotFoundError `broadcast.not_found`."""
    row = await BroadcastRepository(work.session).find(broadcast_id)
    if row is None:
        raise NotFoundError("broadcast.not_found")
    ensure_reader(actor, row.organisation_id)
    return row


async def writable(work: Work, actor: Actor, broadcast_id: UUID) -> Broadcast:
    """To change, locked. Raises NotFoundError, ForbiddenError for one who only reads."""
    await readable(work, actor, broadcast_id)
    row = await BroadcastRepository(work.session).find(broadcast_id, for_update=True)
    if row is None:
        raise NotFoundError("broadcast.not_found")
    ensure_officer(actor, row.organisation_id)
    return row


def moved(row: Broadcast, verb: Verb) -> BroadcastState:
    """The state that `verb` leads to. Raises ConflictError `broadcast.wrong_state` (`state`, `verb`)."""
    after = TRANSITIONS.get((row.state, verb))
    if after is None:
        raise ConflictError("broadcast.wrong_state", state=row.state, verb=verb.value)
    return BroadcastState(after)
