"""Going back in an enrolment, and changing what was said or handed in."""

from handlers.chat import changes, through
from handlers.chat.asking import ask, joined, not_understood, open_draft, remembered
from handlers.chat.context import ChatContext
from handlers.chat.messages import Reply, TextMessage, TextReply
from handlers.chat.router import NotAnAnswer, Router
from handlers.chat.states import ChatState
from handlers.chat.texts import common, enrolment
from handlers.chat.texts import through as through_texts
from services.enrolments.draft import Draft
from services.enrolments.service import EnrolmentService
from services.enrolments.ways import told
from services.models import EnrolmentState
from services.rules import choices
from services.rules.completeness import Step
from services.rules.words import Word
from services.schemes.models import Option

router = Router()


@router.word(Word.BACK)
async def back(ctx: ChatContext, _: str | None) -> Reply:
    """To the question before this one."""
    draft = await remembered(ctx)
    if draft is None or not draft.open:
        ctx.goto(ChatState.MENU)
        return TextReply(text=common.menu(ctx.schemes))
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
    draft = await open_draft(ctx) or await remembered(ctx) or await _newest(ctx)
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
    if step is None and (settled := _settled_named(draft, name)) is not None:
        return TextReply(text=through_texts.follows(draft.scheme, *settled))
    if step is None and ctx.state is ChatState.ANSWERING:
        raise NotAnAnswer
    if step is None:
        ctx.goto(ChatState.MODIFYING, enrolment=draft.id)
        return TextReply(text=joined(enrolment.no_such_item(name), enrolment.which_to_modify(draft)))
    if step not in _editable(draft) and step not in draft.instead:
        return TextReply(text=enrolment.cannot_modify())
    return ask(ctx, draft, step)


@router.text(ChatState.MODIFYING)
async def modify_which(ctx: ChatContext, message: TextMessage) -> Reply:
    """The number or name of the item to change."""
    draft = await remembered(ctx)
    if draft is None or not draft.open:
        return TextReply(text=enrolment.nothing_open())
    step = _step_named(draft, _editable(draft), message.content)
    if step is None:
        return not_understood(ctx, enrolment.which_to_modify(draft))
    return ask(ctx, draft, step)


async def _newest(ctx: ChatContext) -> Draft | None:
    return next(iter(await EnrolmentService(ctx.work).list_of(ctx.follower_id)), None)


def _editable(draft: Draft) -> tuple[Step, ...]:
    """What may be changed: everything in a draft, only what was sent back after a return."""
    if draft.state is EnrolmentState.RETURNED:
        return tuple(step for step in draft.steps if step.key in draft.reopened)
    return draft.steps


def _settled_named(draft: Draft, name: str) -> tuple[str, str] | None:
    """What is not asked because the organisation decides it: its label and answer."""
    fields = [field for field in draft.scheme.fields if field.key in draft.settled]
    options = [Option(value=one.key, label=one.label, aliases=one.aliases) for one in fields]
    found = choices.match(name, options) if options else None
    if not isinstance(found, choices.Matched):
        return None
    (settled,) = told(draft.scheme, frozenset({fields[found.index].key}), draft.answers)
    return settled


def _step_named(draft: Draft, steps: tuple[Step, ...], name: str) -> Step | None:
    options = []
    for step in steps:
        item = draft.scheme.field(step.key) if step.kind == "field" else draft.scheme.material(step.key)
        options.append(Option(value=step.key, label=item.label, aliases=item.aliases))
    found = choices.match(name, options)
    return steps[found.index] if isinstance(found, choices.Matched) else None
