"""What is said instead of the next step to who was put on a blacklist after the admission (C7)."""

from uuid import UUID

from handlers.chat.context import ChatContext
from handlers.chat.messages import Reply, TextReply
from handlers.chat.states import ChatState
from handlers.chat.texts import blacklist
from services.blacklist.stopping import stops_of
from services.enrolments.draft import Draft


async def stopped(ctx: ChatContext, draft: Draft) -> Reply | None:
    """Why this enrolment does not go on, and how to object; None where it does."""
    return await stopped_by_id(ctx, draft.id) if draft.scheme.blacklist is not None else None


async def stopped_by_id(ctx: ChatContext, enrolment_id: UUID) -> Reply | None:
    """`stopped` of an enrolment that was spoken of before; nothing is asked where the account's schemes keep no list."""
    if not any(scheme.blacklist for scheme in ctx.schemes):
        return None
    error = (await stops_of(ctx.work, [enrolment_id])).get(enrolment_id)
    if error is None:
        return None
    ctx.goto(ChatState.IDLE)
    return TextReply(text=blacklist.stopped(error))
