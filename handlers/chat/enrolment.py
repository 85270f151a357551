"""Enrolling by chat: choosing, consenting, answering; it goes on in `materials`, `correcting` and `submitting`."""

from uuid import UUID

from handlers.chat import changes, through
from handlers.chat.asking import joined, not_understood, open_draft, proceed, remembered
from handlers.chat.context import ChatContext
from handlers.chat.messages import Reply, TextMessage, TextReply
from handlers.chat.router import NotAnAnswer, Router
from handlers.chat.states import ChatState
from handlers.chat.texts import blacklist, class_notices, eligibility, enrolment, introduction, problems
from services.blacklist import BarredError
from services.enrolments.beginning import BeginningService
from services.enrolments.draft import Draft
from services.enrolments.materials import MaterialService
from services.enrolments.service import EnrolmentService
from services.errors import ConflictError, NotFoundError
from services.rules import choices
from services.rules.errors import InvalidValueError
from services.rules.text import fold
from services.rules.words import Word
from services.schemes.models import Option, Scheme
from services.study.class_notices import ClassNoticeService

router = Router()

_SKIPPABLE = (ChatState.ANSWERING, ChatState.PHOTOGRAPHING)
_YES = frozenset(
    ("1", "一", "开始", "开始吧", "开始报名", "好", "好的", "是", "是的", "可以", "行", "嗯", "ok")
)
_CONDITIONS = frozenset(("条件", "申报条件", "报名条件", "聘用条件"))


@router.word(Word.ENROL)
async def enrol(ctx: ChatContext, _: str | None) -> Reply:
    """Show what can be enrolled in, or the draft that waits."""
    if (draft := await EnrolmentService(ctx.work).find_open(ctx.follower_id)) is not None:
        return TextReply(text=enrolment.unfinished(draft))
    return choose_or_introduce(ctx)


def choose_or_introduce(ctx: ChatContext) -> Reply:
    """The list of schemes; the only one is introduced at once."""
    if not ctx.schemes:
        return TextReply(text=enrolment.no_schemes())
    if len(ctx.schemes) == 1:
        return introduce(ctx, ctx.schemes[0])
    ctx.goto(ChatState.CHOOSING_SCHEME)
    return TextReply(text=enrolment.choose_scheme(ctx.schemes))


def introduce(ctx: ChatContext, scheme: Scheme) -> Reply:
    """What it is and costs, before anything is asked (A8)."""
    ctx.goto(ChatState.INTRODUCED, scheme=scheme.id)
    return TextReply(text=introduction.introduction(scheme))


@router.text(ChatState.CHOOSING_SCHEME)
async def choose_scheme(ctx: ChatContext, message: TextMessage) -> Reply:
    """The number or name of a scheme."""
    if (scheme := scheme_meant(ctx, message.content)) is not None:
        return introduce(ctx, scheme)
    return not_understood(ctx, enrolment.choose_scheme(ctx.schemes))


def scheme_meant(ctx: ChatContext, text: str) -> Scheme | None:
    """The scheme that a number, a name or one of its entry words means."""
    options = [
        Option(value=s.id, label=s.short_title, aliases=(s.title, *s.entry_words)) for s in ctx.schemes
    ]
    answer = choices.match(text, options)
    return ctx.schemes[answer.index] if isinstance(answer, choices.Matched) else None


@router.text(ChatState.INTRODUCED)
async def begin(ctx: ChatContext, message: TextMessage) -> Reply:
    """Start, when 1 or 开始 is answered."""
    scheme = next((item for item in ctx.schemes if item.id == ctx.recalled("scheme")), None)
    if scheme is None:
        return choose_or_introduce(ctx)
    answered = fold(message.content).rstrip("。!.")
    if answered in _CONDITIONS:
        return TextReply(text=introduction.conditions(scheme))
    if answered not in _YES:
        return not_understood(ctx, "回复 1 开始报名，回复 退出 结束。")
    if scheme.authorised_for is not None:
        notices = await ClassNoticeService(ctx.work).list_open(scheme)
        ctx.goto(ChatState.CHOOSING_NOTICE, scheme=scheme.id, classes=class_notices.ids(notices))
        return TextReply(text=class_notices.offered(scheme, notices, ctx.work.tools.public_url))
    if scheme.through_kinds:
        return await through.offer(ctx, scheme)
    draft = await BeginningService(ctx.work).begin(ctx.follower_id, scheme, actor=ctx.actor)
    return proceed(ctx, draft)


@router.word(Word.AGREE)
async def agree(ctx: ChatContext, _: str | None) -> Reply:
    """同意, to the consent that is shown."""
    enrolment_id = ctx.remembered("enrolment")
    if ctx.state is not ChatState.CONSENTING or enrolment_id is None:
        raise NotAnAnswer
    draft = await EnrolmentService(ctx.work).agree(
        enrolment_id, ctx.recalled("consent"), follower_id=ctx.follower_id, actor=ctx.actor
    )
    return proceed(ctx, draft, "✓ 已记录您的同意。")


@router.text(ChatState.CONSENTING)
async def not_agreed(ctx: ChatContext, _: TextMessage) -> Reply:
    """Anything but 同意."""
    draft = await remembered(ctx)
    if draft is None:
        return TextReply(text=enrolment.nothing_open())
    consent = next(item for item in draft.scheme.consents if item.key == ctx.recalled("consent"))
    return TextReply(text=enrolment.consent_again(consent))


@router.text(ChatState.ANSWERING)
async def answer(ctx: ChatContext, message: TextMessage) -> Reply:
    """Take the answer to the question that was asked last."""
    enrolment_id, key = ctx.remembered("enrolment"), ctx.recalled("field")
    if enrolment_id is None:
        return TextReply(text=enrolment.nothing_open())
    service = EnrolmentService(ctx.work)
    try:
        draft = await service.answer(
            enrolment_id, key, message.content, follower_id=ctx.follower_id, seen=ctx.noted("seen")
        )
    except InvalidValueError as error:
        draft = await service.get(enrolment_id, follower_id=ctx.follower_id)
        wrong = problems.problem(error.code, error.facts, draft.scheme.field(key))
        step = next((item for item in draft.steps if item.key == key), None)
        if draft.scheme.field(key).options and step is not None:
            # The list may be far up by now.
            wrong = joined(wrong, enrolment.ask(draft, step))
        return not_understood(ctx, wrong)
    except BarredError as error:
        return TextReply(text=blacklist.barred(error))
    except (ConflictError, NotFoundError) as error:
        if error.code == "enrolment.answered_elsewhere":
            return await _advanced(ctx, enrolment_id, key)
        ctx.goto(ChatState.IDLE)
        return TextReply(text=enrolment.nothing_open())
    return proceed(ctx, draft, _taken(draft, key))


async def _advanced(ctx: ChatContext, enrolment_id: UUID, key: str) -> Reply:
    """The page was handed in meanwhile: go on from there."""
    draft = await EnrolmentService(ctx.work).get(enrolment_id, follower_id=ctx.follower_id)
    field = draft.scheme.field(key)
    return proceed(ctx, draft, enrolment.answered_elsewhere(field, draft.answers.get(key, "")))


def _taken(draft: Draft, key: str) -> str:
    """What was understood, and at once when it makes an application impossible."""
    noted = enrolment.noted(draft.scheme.field(key), draft.answers[key])
    if not any(key in gap.keys for gap in draft.unmet):
        short = [gap for gap in draft.falling_short if gap.about == key]
        return joined(noted, eligibility.too_few(draft.scheme, short)) if short else noted
    return joined(noted, eligibility.told_early(draft.scheme, draft.unmet))


@router.word(Word.SKIP)
async def skip(ctx: ChatContext, _: str | None) -> Reply:
    """跳过, at a question that need not be answered, or a paper that need not be handed in."""
    enrolment_id = ctx.remembered("enrolment")
    key = ctx.recalled("field") or ctx.recalled("material")
    if ctx.state not in _SKIPPABLE or enrolment_id is None or not key:
        raise NotAnAnswer
    try:
        if ctx.state is ChatState.ANSWERING:
            draft = await EnrolmentService(ctx.work).skip(enrolment_id, key, follower_id=ctx.follower_id)
            label = draft.scheme.field(key).label
        else:
            draft = await MaterialService(ctx.work).skip_material(
                enrolment_id, key, follower_id=ctx.follower_id
            )
            label = draft.scheme.material(key).label
    except ConflictError as error:
        if error.code == "enrolment.required":
            return not_understood(ctx, enrolment.cannot_skip())
        ctx.goto(ChatState.IDLE)
        return TextReply(text=enrolment.nothing_open())
    return proceed(ctx, draft, enrolment.skipped(label))


@router.word(Word.CONTINUE)
async def resume(ctx: ChatContext, _: str | None) -> Reply:
    """Go on where it was left, after minutes or days."""
    draft = await open_draft(ctx)
    if draft is None:
        return await changes.resume(ctx) or TextReply(text=enrolment.nothing_open())
    return proceed(ctx, draft, enrolment.resumed(draft))
