"""派遣: what a card holder was drawn for, and saying that they cannot come (D9)."""

from handlers.chat.context import ChatContext
from handlers.chat.messages import Reply, TextMessage, TextReply
from handlers.chat.numbered import chosen
from handlers.chat.router import NotAnAnswer, Router
from handlers.chat.states import ChatState
from handlers.chat.texts import assignments as texts
from services.assignments.attending import AttendingService
from services.errors import ConflictError, NotFoundError, ServiceError
from services.rules.words import Word

router = Router()


@router.word(Word.ASSIGNMENT)
async def to_come(ctx: ChatContext, _: str | None) -> Reply:
    """Everything that is to come, numbered; the number of one is answered by whoever cannot come."""
    coming = await AttendingService(ctx.work).to_come(ctx.follower_id)
    if not coming:
        return TextReply(text=texts.nothing_to_come())
    ctx.goto(ChatState.CHOOSING_ASSIGNMENT, examiners=[str(one.examiner_id) for one in coming])
    return TextReply(text=texts.to_come(coming))


@router.text(ChatState.CHOOSING_ASSIGNMENT)
async def choose(ctx: ChatContext, message: TextMessage) -> Reply:
    """Which one they cannot come to; the reason is asked before anything happens."""
    if (examiner_id := chosen(ctx, "examiners", message.content)) is None:
        raise NotAnAnswer
    coming = await AttendingService(ctx.work).to_come(ctx.follower_id)
    meant = next((one for one in coming if one.examiner_id == examiner_id), None)
    if meant is None:
        ctx.goto(ChatState.IDLE)
        return TextReply(text=texts.not_any_more())
    ctx.goto(ChatState.DECLINING, examiner=meant.examiner_id)
    return TextReply(text=texts.ask_why(meant))


@router.text(ChatState.DECLINING)
async def decline(ctx: ChatContext, message: TextMessage) -> Reply:
    """The reason; somebody else is drawn."""
    examiner_id = ctx.remembered("examiner")
    if examiner_id is None:
        return await to_come(ctx, None)
    try:
        await AttendingService(ctx.work).decline(
            ctx.actor, examiner_id, message.content, follower_id=ctx.follower_id
        )
    except (ConflictError, NotFoundError):
        ctx.goto(ChatState.IDLE)
        return TextReply(text=texts.not_any_more())
    except ServiceError as error:
        return TextReply(text=texts.reason_refused(error.facts.get("limit")))
    ctx.goto(ChatState.IDLE)
    return TextReply(text=texts.declined())
