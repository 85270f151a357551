"""Broadcasts 群发: one message to many of an organisation's own people, approved by a second person.

A draft is submitted, which freezes who gets it: one row a recipient. Text and recipients have one hash, and that is
what another person approves. Mass sends (`sending`) go out in batches under an id each, personal messages (`personal`)
through the outbox. Nothing here calls WeChat; `scheduler.broadcasts` does.
"""

from services.broadcasts.models import (
    Audience,
    BroadcastDetail,
    BroadcastKind,
    BroadcastLine,
    BroadcastPage,
    BroadcastState,
    Content,
    ContentKind,
    Draft,
    RecipientState,
)
from services.broadcasts.service import BroadcastService

__all__ = [
    "Audience",
    "BroadcastDetail",
    "BroadcastKind",
    "BroadcastLine",
    "BroadcastPage",
    "BroadcastService",
    "BroadcastState",
    "Content",
    "ContentKind",
    "Draft",
    "RecipientState",
]
