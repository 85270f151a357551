"""Numbered lists that were shown: which of their items a number means."""

from uuid import UUID

from handlers.chat.context import ChatContext
from services.rules import choices
from services.schemes.models import Option


def chosen(ctx: ChatContext, remembered: str, typed: str) -> UUID | None:
    """The id at this place of the list that is remembered under this name; None for anything else."""
    listed = ctx.conversation.memory.get(remembered, [])
    answer = choices.match(typed, [Option(value=item, label=item) for item in listed])
    return UUID(listed[answer.index]) if isinstance(answer, choices.Matched) else None
