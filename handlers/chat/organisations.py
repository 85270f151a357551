"""Picking the organisation that one enrols through: before the first question, or changed while it is a draft (D7, E5)."""

from uuid import UUID

from handlers.chat import through
from handlers.chat.asking import proceed
from handlers.chat.context import ChatContext
from handlers.chat.messages import Reply, TextMessage, TextReply
from handlers.chat.router import Router
from handlers.chat.states import ChatState
from handlers.chat.texts import through as texts
from services.enrolments.beginning import BeginningService
from services.enrolments.draft import Draft
from services.enrolments.through import offered
from services.enrolments.ways import told
from services.errors import ConflictError, NotFoundError
from services.rules import choices
from services.schemes.models import Scheme

router = Router()


@router.text(ChatState.CHOOSING_ORGANISATION)
async def choose(ctx: ChatContext, message: TextMessage) -> Reply:
    """The number or name of one that is listed; anything else is looked for among the names."""
    scheme = next((item for item in ctx.schemes if item.id == ctx.recalled("scheme")), None)
    if scheme is None:
        ctx.goto(ChatState.IDLE)
        return TextReply(text=texts.start_again())
    enrolment_id, listed = ctx.remembered("enrolment"), through.listed(ctx)
    answer = choices.match(message.content, listed) if listed else None
    if not isinstance(answer, choices.Matched):
        matching = await offered(ctx.work, scheme, message.content)
        through.remember(ctx, scheme, matching, enrolment_id)
        return TextReply(text=texts.found(scheme, message.content, matching))
    picked = listed[answer.index]
    try:
        draft = await _take(ctx, scheme, UUID(picked.value), enrolment_id)
    except (ConflictError, NotFoundError) as error:
        if error.code == "enrolment.closed":
            ctx.goto(ChatState.IDLE)
            return TextReply(text=texts.too_late(scheme))
        return await through.offer(ctx, scheme, enrolment_id, texts.gone(scheme))
    return proceed(ctx, draft, texts.chosen(scheme, picked.label, told(scheme, draft.settled, draft.answers)))


async def _take(ctx: ChatContext, scheme: Scheme, organisation_id: UUID, enrolment_id: UUID | None) -> Draft:
    service = BeginningService(ctx.work)
    if enrolment_id is None:
        return await service.begin(ctx.follower_id, scheme, actor=ctx.actor, organisation_id=organisation_id)
    return await service.go_through(enrolment_id, organisation_id, follower_id=ctx.follower_id)
