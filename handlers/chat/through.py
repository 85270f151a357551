"""The organisations that one may enrol through, as they are listed and remembered (D7, E5). Picking is in `organisations`."""

from uuid import UUID

from handlers.chat.context import ChatContext
from handlers.chat.messages import TextReply
from handlers.chat.states import ChatState
from handlers.chat.texts import through as texts
from services.enrolments.draft import Draft
from services.enrolments.through import SHOWN, Offered, offered
from services.rules.text import fold
from services.schemes.models import Option, Scheme

_WORDS = ("报名机构", "机构", "单位")


async def offer(
    ctx: ChatContext, scheme: Scheme, enrolment_id: UUID | None = None, lead: str = ""
) -> TextReply:
    """All of them when they are few, else the question for a part of the name.

    `enrolment_id` is the draft that is to go through another.
    """
    found = await offered(ctx.work, scheme)
    # Too many to be read are not there to be picked by number.
    remember(ctx, scheme, Offered(options=(), more=0) if found.more else found, enrolment_id)
    return TextReply(text=lead + texts.offered(scheme, found))


def remember(ctx: ChatContext, scheme: Scheme, listed: Offered, enrolment_id: UUID | None) -> None:
    """What is listed now, so that its numbers keep their meaning."""
    draft = {"enrolment": enrolment_id} if enrolment_id is not None else {}
    kept = [[str(item.id), item.name] for item in listed.options[:SHOWN]]
    ctx.goto(ChatState.CHOOSING_ORGANISATION, scheme=scheme.id, listed=kept, **draft)


def listed(ctx: ChatContext) -> list[Option]:
    """What was listed last."""
    kept = ctx.conversation.memory.get("listed")
    return [Option(value=value, label=label) for value, label in kept] if isinstance(kept, list) else []


def is_meant(draft: Draft, name: str) -> bool:
    """Whether 修改 with this name is about the organisation, and no question of the form is called so."""
    asked = {
        fold(word) for field in draft.scheme.fields if field.asked for word in (field.label, *field.aliases)
    }
    own = {fold(word) for word in (*_WORDS, draft.scheme.roles.through_label)}
    return bool(draft.scheme.through_kinds) and fold(name) in own - asked
