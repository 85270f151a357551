"""Enrolling by chat: choosing, consenting, answering, correcting, submitting. Pictures are in `materials`."""

from uuid import UUID

from handlers.chat import changes, through
from handlers.chat.context import ChatContext
from handlers.chat.messages import Reply, TextMessage, TextReply
from handlers.chat.router import NotAnAnswer, Router
from handlers.chat.states import ChatState
from handlers.chat.texts import blacklist, class_notices, common, eligibility, enrolment, problems
from handlers.chat.texts import through as through_texts
from services.answers import fingerprint
from services.blacklist import BarredError
from services.enrolments.beginning import BeginningService
from services.enrolments.draft import Draft
from services.enrolments.materials import MaterialService
from services.enrolments.service import EnrolmentService
from services.enrolments.submitting import IncompleteEnrolmentError, NotEligibleError, SubmittingService
from services.errors import ConflictError, NotFoundError
from services.followers import FollowerService
from services.forms import offer
from services.models import EnrolmentState
from services.printing import print_link
from services.rules import choices
from services.rules.completeness import Step
from services.rules.errors import InvalidValueError
from services.rules.text import fold
from services.rules.words import Word
from services.schemes.models import FieldKind, Option, Scheme
from services.study.class_notices import ClassNoticeService

router = Router()

#: Kinds that are easier to fill in on a page, where a text can be seen as a whole.
_BETTER_ON_A_PAGE = frozenset({FieldKind.LONG_TEXT, FieldKind.TABLE})
_SKIPPABLE = (ChatState.ANSWERING, ChatState.PHOTOGRAPHING)
#: After so many answers in a row that were not understood, another way is offered.
_STUCK_AFTER = 2
_YES = frozenset(
    ("1", "一", "开始", "开始吧", "开始报名", "好", "好的", "是", "是的", "可以", "行", "嗯", "ok")
)


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
    return TextReply(text=enrolment.introduction(scheme))


@router.text(ChatState.CHOOSING_SCHEME)
async def choose_scheme(ctx: ChatContext, message: TextMessage) -> Reply:
    """The number or name of a scheme."""
    if (scheme := scheme_meant(ctx, message.content)) is not None:
        return introduce(ctx, scheme)
    return _not_understood(ctx, enrolment.choose_scheme(ctx.schemes))


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
    if fold(message.content).rstrip("。!.") not in _YES:
        return _not_understood(ctx, "回复 1 开始报名，回复 退出 结束。")
    if scheme.authorised_for is not None:
        notices = await ClassNoticeService(ctx.work).list_open(scheme)
        ctx.goto(ChatState.CHOOSING_NOTICE, scheme=scheme.id, classes=class_notices.ids(notices))
        return TextReply(text=class_notices.offered(scheme, notices, ctx.work.tools.public_url))
    if scheme.through_kinds:
        return await through.offer(ctx, scheme)
    draft = await BeginningService(ctx.work).begin(ctx.follower_id, scheme, actor=ctx.actor)
    return proceed(ctx, draft)


def proceed(ctx: ChatContext, draft: Draft, lead: str = "") -> Reply:
    """Ask for the next thing that is missing, or show the summary."""
    if waiting := draft.outstanding_consents:
        ctx.goto(ChatState.CONSENTING, enrolment=draft.id, consent=waiting[0])
        consent = next(item for item in draft.scheme.consents if item.key == waiting[0])
        return TextReply(text=_joined(lead, enrolment.consent(consent)))
    if draft.missing:
        return ask(ctx, draft, draft.missing[0], lead)
    if draft.checking:
        ctx.goto(ChatState.PHOTOGRAPHING, enrolment=draft.id)
        return TextReply(text=_joined(lead, enrolment.still_checking()))
    ctx.goto(ChatState.SUMMARISING, enrolment=draft.id)
    return TextReply(text=_joined(lead, enrolment.summary(draft)))


def ask(ctx: ChatContext, draft: Draft, step: Step, lead: str = "") -> Reply:
    """One question; a long text or a table may be answered on a page as well."""
    if step.kind == "material":
        ctx.goto(ChatState.PHOTOGRAPHING, enrolment=draft.id, material=step.key)
        return TextReply(text=_joined(lead, enrolment.ask(draft, step) + form_to_print(ctx, draft, step.key)))
    seen = fingerprint(ctx.work, draft.answers.get(step.key))
    ctx.goto(ChatState.ANSWERING, enrolment=draft.id, field=step.key, seen=seen)
    question = enrolment.ask(draft, step)
    if draft.scheme.field(step.key).kind in _BETTER_ON_A_PAGE:
        question = _joined(question, _page_for(ctx, draft.id, step.key))
    return TextReply(text=_joined(lead, question))


def form_to_print(ctx: ChatContext, draft: Draft, material_key: str) -> str:
    """Where the form for this material is, filled with the answers; nothing for other materials."""
    if draft.scheme.material(material_key).printable is None:
        return ""
    return enrolment.to_print(print_link(ctx.work, draft.id, material_key))


def _page_for(ctx: ChatContext, enrolment_id: UUID, field_key: str) -> str:
    return enrolment.on_page(offer(ctx.work, ctx.follower_id, enrolment_id, field_key))


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
    draft = await _remembered(ctx)
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
            wrong = _joined(wrong, enrolment.ask(draft, step))
        return _not_understood(ctx, wrong)
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
        return noted
    return _joined(noted, eligibility.told_early(draft.scheme, draft.unmet))


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
            return _not_understood(ctx, enrolment.cannot_skip())
        ctx.goto(ChatState.IDLE)
        return TextReply(text=enrolment.nothing_open())
    return proceed(ctx, draft, enrolment.skipped(label))


@router.word(Word.CONTINUE)
async def resume(ctx: ChatContext, _: str | None) -> Reply:
    """Go on where it was left, after minutes or days."""
    draft = await open_draft(ctx)
    if draft is None:
        return TextReply(text=enrolment.nothing_open())
    return proceed(ctx, draft, enrolment.resumed(draft))


@router.word(Word.BACK)
async def back(ctx: ChatContext, _: str | None) -> Reply:
    """To the question before this one."""
    draft = await _remembered(ctx)
    if draft is None or not draft.open:
        ctx.goto(ChatState.MENU)
        return TextReply(text=common.menu())
    here = ctx.recalled("field") or ctx.recalled("material")
    editable = _editable(draft)
    if not here and draft.missing:
        here = draft.missing[0].key
    place = next((index for index, step in enumerate(editable) if step.key == here), len(editable))
    if place == 0:
        return ask(ctx, draft, editable[0], enrolment.first_question())
    return ask(ctx, draft, editable[place - 1])


@router.word(Word.MODIFY)
async def modify(ctx: ChatContext, name: str | None) -> Reply:
    """修改, or 修改 with the name of a field or picture."""
    if ctx.state in changes.TAKES_NAMES:
        raise NotAnAnswer
    draft = await open_draft(ctx) or await _remembered(ctx) or await _newest(ctx)
    if draft is None:
        return TextReply(text=enrolment.nothing_open())
    if not draft.open:
        return await changes.begin(ctx, name)
    if name is None:
        ctx.goto(ChatState.MODIFYING, enrolment=draft.id)
        return TextReply(text=enrolment.which_to_modify(draft))
    if through.is_meant(draft, name):
        if draft.state is EnrolmentState.DRAFT:
            return await through.offer(ctx, draft.scheme, draft.id)
        return TextReply(text=through_texts.too_late(draft.scheme))
    step = _step_named(draft, (*draft.steps, *draft.instead), name)
    if step is None and ctx.state is ChatState.ANSWERING:
        raise NotAnAnswer
    if step is None:
        ctx.goto(ChatState.MODIFYING, enrolment=draft.id)
        return TextReply(text=_joined(enrolment.no_such_item(name), enrolment.which_to_modify(draft)))
    if step not in _editable(draft) and step not in draft.instead:
        return TextReply(text=enrolment.cannot_modify())
    return ask(ctx, draft, step)


@router.text(ChatState.MODIFYING)
async def modify_which(ctx: ChatContext, message: TextMessage) -> Reply:
    """The number or name of the item to change."""
    draft = await _remembered(ctx)
    if draft is None or not draft.open:
        return TextReply(text=enrolment.nothing_open())
    step = _step_named(draft, _editable(draft), message.content)
    if step is None:
        return _not_understood(ctx, enrolment.which_to_modify(draft))
    return ask(ctx, draft, step)


@router.word(Word.SUBMIT)
async def submit(ctx: ChatContext, _: str | None) -> Reply:
    """提交: hand the complete draft in."""
    if ctx.state in changes.TAKES_PICTURES:
        raise NotAnAnswer
    draft = await open_draft(ctx, for_update=True)
    if draft is None:
        return TextReply(text=enrolment.nothing_to_submit())
    try:
        done = await SubmittingService(ctx.work).submit(
            draft.id, follower_id=ctx.follower_id, actor=ctx.actor
        )
    except IncompleteEnrolmentError:
        return proceed(ctx, draft, enrolment.incomplete(draft))
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
    draft = await _remembered(ctx)
    if draft is None:
        return TextReply(text=enrolment.nothing_open())
    return _not_understood(ctx, "请核对后回复 提交；要改请回复 修改 加上项目名，例如 修改 手机号。")


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
            return _not_understood(ctx, "请回复 1 先保存，或 2 放弃报名。")


async def open_draft(ctx: ChatContext, *, for_update: bool = False) -> Draft | None:
    """The draft of this conversation, or the newest that is open; `for_update` when it is about to be changed."""
    return await EnrolmentService(ctx.work).find_open(
        ctx.follower_id, rather=ctx.remembered("enrolment"), for_update=for_update
    )


async def _remembered(ctx: ChatContext) -> Draft | None:
    if (enrolment_id := ctx.remembered("enrolment")) is None:
        return None
    try:
        return await EnrolmentService(ctx.work).get(enrolment_id, follower_id=ctx.follower_id)
    except NotFoundError:
        return None


async def _newest(ctx: ChatContext) -> Draft | None:
    return next(iter(await EnrolmentService(ctx.work).list_of(ctx.follower_id)), None)


def _editable(draft: Draft) -> tuple[Step, ...]:
    """What may be changed: everything in a draft, only what was sent back after a return."""
    if draft.state is EnrolmentState.RETURNED:
        return tuple(step for step in draft.steps if step.key in draft.reopened)
    return draft.steps


def _step_named(draft: Draft, steps: tuple[Step, ...], name: str) -> Step | None:
    options = []
    for step in steps:
        item = draft.scheme.field(step.key) if step.kind == "field" else draft.scheme.material(step.key)
        options.append(Option(value=step.key, label=item.label, aliases=item.aliases))
    found = choices.match(name, options)
    return steps[found.index] if isinstance(found, choices.Matched) else None


def _not_understood(ctx: ChatContext, text: str) -> Reply:
    ctx.conversation.failures += 1
    if ctx.conversation.failures < _STUCK_AFTER:
        return TextReply(text=text)
    enrolment_id = ctx.remembered("enrolment")
    if ctx.state is ChatState.ANSWERING and enrolment_id is not None:
        text = _joined(text, _page_for(ctx, enrolment_id, ctx.recalled("field")))
    return TextReply(text=text + common.stuck())


def _joined(lead: str, text: str) -> str:
    return f"{lead}\n\n{text}" if lead else text
