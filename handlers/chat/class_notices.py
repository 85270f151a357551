"""Choosing a sub-centre's class notice 培训通知 before enrolling with it (C5, C6)."""

from collections.abc import Sequence
from uuid import UUID

from handlers.chat.asking import proceed
from handlers.chat.context import ChatContext
from handlers.chat.messages import Reply, TextMessage, TextReply
from handlers.chat.router import Router
from handlers.chat.states import ChatState
from handlers.chat.texts import class_notices as texts
from services.enrolments.beginning import BeginningService
from services.errors import ConflictError, NotFoundError
from services.rules import choices
from services.rules.text import fold
from services.schemes.models import Option, Scheme
from services.study.class_notices import ClassNotice, ClassNoticeService

router = Router()


@router.text(ChatState.CHOOSING_NOTICE)
async def choose(ctx: ChatContext, message: TextMessage) -> Reply:
    """The number, code or title of a class, as it was listed."""
    scheme = next((item for item in ctx.schemes if item.id == ctx.recalled("scheme")), None)
    if scheme is None:
        ctx.goto(ChatState.IDLE)
        return TextReply(text=texts.start_again())
    kept = ctx.conversation.memory.get("classes")
    listed = [str(class_id) for class_id in kept] if isinstance(kept, list) else []
    # Numbered as it was listed, even if another class was opened since.
    answer = choices.match(message.content, [Option(value=item, label=item) for item in listed])
    notices = None
    if isinstance(answer, choices.Matched):
        chosen = UUID(listed[answer.index])
    else:
        notices = await ClassNoticeService(ctx.work).list_open(scheme)
        named = _named(notices, message.content)
        if named is None:
            return _offer(ctx, scheme, notices)
        chosen = named.id
    try:
        draft = await BeginningService(ctx.work).begin(
            ctx.follower_id, scheme, actor=ctx.actor, class_id=chosen
        )
    except (ConflictError, NotFoundError):
        open_ones = notices or await ClassNoticeService(ctx.work).list_open(scheme)
        return _offer(ctx, scheme, open_ones, lead=texts.gone())
    lead = texts.chosen(draft.notice, ctx.work.tools.public_url) if draft.notice is not None else ""
    return proceed(ctx, draft, lead)


def _offer(ctx: ChatContext, scheme: Scheme, notices: Sequence[ClassNotice], lead: str = "") -> TextReply:
    ctx.goto(ChatState.CHOOSING_NOTICE, scheme=scheme.id, classes=texts.ids(notices))
    return TextReply(text=lead + texts.offered(scheme, notices, ctx.work.tools.public_url))


def _named(notices: Sequence[ClassNotice], typed: str) -> ClassNotice | None:
    """The class of this code, or the only one whose organisation or title is typed."""
    by_code = [one for one in notices if fold(one.code) == fold(typed)]
    options = [Option(value=str(one.id), label=f"{one.organisation} {one.title}") for one in notices]
    answer = None if by_code or fold(typed).isdigit() else choices.match(typed, options)
    if isinstance(answer, choices.Matched):
        return notices[answer.index]
    return by_code[0] if by_code else None
