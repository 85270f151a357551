"""The end of filling in: 提交, or leaving it for later or for good."""

from handlers.chat import appealing, changes
from handlers.chat.asking import not_understood, open_draft, proceed, remembered
from handlers.chat.context import ChatContext
from handlers.chat.messages import Reply, TextMessage, TextReply
from handlers.chat.router import NotAnAnswer, Router
from handlers.chat.states import ChatState
from handlers.chat.texts import blacklist, eligibility, enrolment
from services.blacklist import BarredError
from services.enrolments.service import EnrolmentService
from services.enrolments.submitting import IncompleteEnrolmentError, NotEligibleError, SubmittingService
from services.errors import ConflictError
from services.followers import FollowerService
from services.rules import choices
from services.rules.words import Word
from services.schemes.models import Option

router = Router()


@router.word(Word.SUBMIT)
async def submit(ctx: ChatContext, _: str | None) -> Reply:
    """提交: hand the complete draft in."""
    if ctx.state in changes.TAKES_PICTURES or ctx.state in appealing.TAKES_SUBMIT:
        raise NotAnAnswer
    draft = await open_draft(ctx, for_update=True)
    if draft is None:
        return TextReply(text=enrolment.nothing_to_submit())
    try:
        done = await SubmittingService(ctx.work).submit(
            draft.id, follower_id=ctx.follower_id, actor=ctx.actor
        )
    except IncompleteEnrolmentError as error:
        return proceed(ctx, draft, enrolment.incomplete(draft, error.outdated))
    except NotEligibleError as error:
        return TextReply(text=eligibility.not_eligible(draft.scheme, error.unmet))
    except BarredError as error:
        return TextReply(text=blacklist.barred(error))
    except ConflictError as error:
        return TextReply(text=enrolment.submit_refused(error.code, dict(error.facts)))
    FollowerService(ctx.work).recognise(ctx.conversation, done.person_id)
    ctx.goto(ChatState.IDLE)
    return TextReply(text=enrolment.submitted(done))


@router.text(ChatState.SUMMARISING)
async def neither(ctx: ChatContext, _: TextMessage) -> Reply:
    """Something else than 提交 or 修改 at the summary."""
    draft = await remembered(ctx)
    if draft is None:
        return TextReply(text=enrolment.nothing_open())
    return not_understood(ctx, "请核对后回复 提交；要改请回复 修改 加上项目名，例如 修改 手机号。")


@router.word(Word.QUIT)
async def leave(ctx: ChatContext, _: str | None) -> Reply:
    """退出: a second look before a draft is given up."""
    draft = await open_draft(ctx)
    if draft is None:
        ctx.goto(ChatState.IDLE)
        return TextReply(text=enrolment.left())
    ctx.goto(ChatState.LEAVING, enrolment=draft.id)
    return TextReply(text=enrolment.leave_or_stay(draft))


@router.text(ChatState.LEAVING)
async def leaving(ctx: ChatContext, message: TextMessage) -> Reply:
    """1 keeps the draft, 2 gives it up."""
    enrolment_id = ctx.remembered("enrolment")
    options = (Option(value="keep", label="先保存，以后再填"), Option(value="drop", label="放弃报名"))
    match choices.match(message.content, options):
        case choices.Matched(index=1) if enrolment_id is not None:
            await EnrolmentService(ctx.work).withdraw(
                enrolment_id, follower_id=ctx.follower_id, actor=ctx.actor
            )
            ctx.goto(ChatState.IDLE)
            return TextReply(text=enrolment.withdrawn())
        case choices.Matched(index=0):
            ctx.goto(ChatState.IDLE)
            return TextReply(text=enrolment.saved())
        case _:
            return not_understood(ctx, "请回复 1 先保存，或 2 放弃报名。")
