"""Followers 关注者: who writes to us, where the conversation stands, and what may be sent to them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services import audit
from services.models import Actor
from services.unit_of_work import Work
from storage.repositories.forgotten import ForgottenRepository
from storage.repositories.grants import GrantRepository
from storage.repositories.people import PeopleRepository


@dataclass(frozen=True)
class Window:
    """What an inbound message opens for customer-service messages (platform rule)."""

    lasts: timedelta
    messages: int


#: A message of the person; a click, a scan or a follow.
MESSAGE_WINDOW = Window(timedelta(hours=48), 5)
ACTION_WINDOW = Window(timedelta(minutes=1), 3)


@dataclass(kw_only=True)
class Conversation:
    """A follower's place in the chat; changed by handlers, kept by `FollowerService.leave`."""

    follower_id: UUID
    account: str
    state: str
    memory: dict[str, Any] = field(default_factory=dict)
    #: Answers in a row that were not understood.
    failures: int = 0
    #: The first message ever.
    is_new: bool = False
    #: When the last message before this one came, aware UTC.
    last_inbound_at: datetime | None = None
    #: Whatever else of the follower changes with this message: columns of `followers`, written once, with the place.
    changes: dict[str, Any] = field(default_factory=dict)

    @property
    def actor(self) -> Actor:
        """The follower as the one who does something; the audit log names no openid."""
        return Actor(kind="applicant", id=str(self.follower_id), name="申请人")

    def goto(self, state: str, **memory: Any) -> None:
        """The next state, with what it has to remember; understood, so failures start anew."""
        self.state, self.memory, self.failures = state, memory, 0


@dataclass(frozen=True, kw_only=True)
class Place:
    """What is kept of a conversation after a message: columns of `followers`."""

    follower_id: UUID
    columns: dict[str, Any]
    #: A customer-service window is open with this message, and was not before it.
    opens_window: bool


class FollowerService:
    """Loads and keeps conversations; call it with the follower's lock held."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.people = PeopleRepository(work.session)

    async def enter(self, account: str, openid: str) -> Conversation:
        """The conversation of this follower, who is added when new."""
        row = await self.people.find_follower(account, openid)
        is_new = row is None
        if row is None:
            row = await self.people.add_follower(account, openid, self.work.now)
        return Conversation(
            follower_id=row.id,
            account=account,
            state=row.chat_state,
            memory=dict(row.chat_memory),
            failures=row.chat_failures,
            is_new=is_new,
            last_inbound_at=row.last_inbound_at,
        )

    async def leave(self, conversation: Conversation, window: Window | None) -> "Place":
        """Where the conversation stands now, and the window that this message opened, for the inbox to keep."""
        row = await self.people.get_follower(conversation.follower_id)
        had_window = row.window_until is not None and row.window_until > self.work.now and row.window_left > 0
        columns: dict[str, Any] = {
            "chat_state": conversation.state,
            "chat_memory": conversation.memory,
            "chat_failures": conversation.failures,
            "last_inbound_at": self.work.now,
            **conversation.changes,
        }
        if window is not None:
            until = self.work.now + window.lasts
            wider = (
                row.window_until is not None
                and row.window_until > until
                and row.window_left >= window.messages
            )
            if not wider:
                columns |= {"window_until": until, "window_left": window.messages}
        return Place(follower_id=row.id, columns=columns, opens_window=window is not None and not had_window)

    async def follow(self, conversation: Conversation) -> None:
        """Followed, or followed again: then what was taken back of their seats is to be sent after all."""
        if not conversation.is_new:
            await ForgottenRepository(self.work.session).queue_reminders(
                conversation.follower_id, self.work.now
            )
        conversation.changes |= {
            "followed_at": self.work.now,
            "unfollowed_at": None,
            "unreachable_code": None,
        }
        self._record(conversation, "follower.followed")

    async def unfollow(self, conversation: Conversation) -> None:
        """Unfollowed: nothing is sent any more, and what waits is withdrawn; `services.erasure.forgetting` goes on."""
        await ForgottenRepository(self.work.session).withdraw_messages(
            conversation.follower_id, self.work.now
        )
        await GrantRepository(self.work.session).forget(conversation.follower_id)
        conversation.changes |= {"unfollowed_at": self.work.now, "window_until": None, "window_left": 0}
        conversation.goto("")
        self._record(conversation, "follower.unfollowed")

    def recognise(self, conversation: Conversation, person_id: UUID | None) -> None:
        """Whose identity number this follower submitted last."""
        conversation.changes["person_id"] = person_id

    def _record(self, conversation: Conversation, action: str) -> None:
        audit.record(self.work, conversation.actor, action, "follower", conversation.follower_id)
