"""Asking for the next thing that an enrolment lacks, and which draft the conversation is about."""

from uuid import UUID

from handlers.chat.context import ChatContext
from handlers.chat.messages import Reply, TextReply
from handlers.chat.states import ChatState
from handlers.chat.texts import common, enrolment
from services.answers import fingerprint
from services.enrolments.draft import Draft
from services.enrolments.service import EnrolmentService
from services.errors import NotFoundError
from services.forms import offer
from services.printing import print_link
from services.rules.completeness import Step
from services.schemes.models import FieldKind

#: Kinds that are easier to fill in on a page, where a text can be seen as a whole.
_BETTER_ON_A_PAGE = frozenset({FieldKind.LONG_TEXT, FieldKind.TABLE})
#: After so many answers in a row that were not understood, another way is offered.
_STUCK_AFTER = 2


def proceed(ctx: ChatContext, draft: Draft, lead: str = "") -> Reply:
    """Ask for the next thing that is missing, or show the summary."""
    if waiting := draft.outstanding_consents:
        ctx.goto(ChatState.CONSENTING, enrolment=draft.id, consent=waiting[0])
        consent = next(item for item in draft.scheme.consents if item.key == waiting[0])
        return TextReply(text=joined(lead, enrolment.consent(consent)))
    if draft.missing:
        return ask(ctx, draft, draft.missing[0], lead)
    if draft.checking:
        ctx.goto(ChatState.PHOTOGRAPHING, enrolment=draft.id)
        return TextReply(text=joined(lead, enrolment.still_checking()))
    ctx.goto(ChatState.SUMMARISING, enrolment=draft.id)
    return TextReply(text=joined(lead, enrolment.summary(draft)))


def ask(ctx: ChatContext, draft: Draft, step: Step, lead: str = "") -> Reply:
    """One question; a long text or a table may be answered on a page as well."""
    if step.kind == "material":
        ctx.goto(ChatState.PHOTOGRAPHING, enrolment=draft.id, material=step.key)
        return TextReply(text=joined(lead, enrolment.ask(draft, step) + form_to_print(ctx, draft, step.key)))
    seen = fingerprint(ctx.work, draft.answers.get(step.key))
    ctx.goto(ChatState.ANSWERING, enrolment=draft.id, field=step.key, seen=seen)
    question = enrolment.ask(draft, step)
    if draft.scheme.field(step.key).kind in _BETTER_ON_A_PAGE:
        question = joined(question, page_for(ctx, draft.id, step.key))
    return TextReply(text=joined(lead, question))


def form_to_print(ctx: ChatContext, draft: Draft, material_key: str) -> str:
    """Where the form for this material is, filled with the answers; nothing for other materials."""
    if draft.scheme.material(material_key).printable is None:
        return ""
    return enrolment.to_print(print_link(ctx.work, draft.id, material_key))


def page_for(ctx: ChatContext, enrolment_id: UUID, field_key: str) -> str:
    """Where the question can be answered on a page, in words."""
    return enrolment.on_page(offer(ctx.work, ctx.follower_id, enrolment_id, field_key))


async def open_draft(ctx: ChatContext, *, for_update: bool = False) -> Draft | None:
    """The draft of this conversation, or the newest that is open; `for_update` when it is about to be changed."""
    return await EnrolmentService(ctx.work).find_open(
        ctx.follower_id, rather=ctx.remembered("enrolment"), for_update=for_update
    )


async def remembered(ctx: ChatContext) -> Draft | None:
    """The draft that the conversation is about."""
    if (enrolment_id := ctx.remembered("enrolment")) is None:
        return None
    try:
        return await EnrolmentService(ctx.work).get(enrolment_id, follower_id=ctx.follower_id)
    except NotFoundError:
        return None


def not_understood(ctx: ChatContext, text: str) -> Reply:
    """Say it again; after several in a row with another way."""
    ctx.conversation.failures += 1
    if ctx.conversation.failures < _STUCK_AFTER:
        return TextReply(text=text)
    enrolment_id = ctx.remembered("enrolment")
    if ctx.state is ChatState.ANSWERING and enrolment_id is not None:
        text = joined(text, page_for(ctx, enrolment_id, ctx.recalled("field")))
    return TextReply(text=text + common.stuck())


def joined(lead: str, text: str) -> str:
    """What was understood, and what is asked next."""
    return f"{lead}\n\n{text}" if lead else text
