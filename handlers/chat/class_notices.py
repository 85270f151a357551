"""Choosing a sub-centre's class notice 培训通知 before enrolling with it (C5, C6)."""

from handlers.chat.context import ChatContext
from handlers.chat.enrolment import proceed
from handlers.chat.messages import Reply, TextMessage, TextReply
from handlers.chat.router import Router
from handlers.chat.states import ChatState
from handlers.chat.texts import class_notices as texts
from services.enrolments.service import EnrolmentService
from services.errors import ConflictError, NotFoundError
from services.rules import choices
from services.rules.text import fold
from services.schemes.models import Option
from services.study.class_notices import ClassNoticeService

router = Router()


@router.text(ChatState.CHOOSING_NOTICE)
async def choose(ctx: ChatContext, message: TextMessage) -> Reply:
    """The number, code or title of a class, as it was listed."""
    scheme = next((item for item in ctx.schemes if item.id == ctx.recalled("scheme")), None)
    if scheme is None:
        ctx.goto(ChatState.IDLE)
        return TextReply(text=texts.start_again())
    notices = await ClassNoticeService(ctx.work).list_open(scheme)
    kept = ctx.conversation.memory.get("classes")
    wanted = kept if isinstance(kept, list) else []
    # Numbered as it was listed, even if another class was opened since.
    listed = [one for class_id in wanted for one in notices if str(one.id) == class_id]
    options = [
        Option(value=str(one.id), label=f"{one.organisation} {one.title}", aliases=(one.code,))
        for one in listed
    ]
    answer = choices.match(message.content, options) if len(listed) == len(wanted) else None
    named = [one for one in notices if fold(one.code) == fold(message.content)]
    if not isinstance(answer, choices.Matched) and not named:
        ctx.goto(ChatState.CHOOSING_NOTICE, scheme=scheme.id, classes=texts.ids(notices))
        return TextReply(text=texts.offered(scheme, notices, ctx.work.tools.public_url))
    chosen = listed[answer.index] if isinstance(answer, choices.Matched) else named[0]
    try:
        draft = await EnrolmentService(ctx.work).begin(
            ctx.follower_id, scheme, actor=ctx.actor, class_id=chosen.id
        )
    except (ConflictError, NotFoundError):
        ctx.goto(ChatState.CHOOSING_NOTICE, scheme=scheme.id, classes=texts.ids(notices))
        return TextReply(text=texts.gone(chosen) + texts.offered(scheme, notices, ctx.work.tools.public_url))
    return proceed(ctx, draft, texts.chosen(chosen, ctx.work.tools.public_url))
