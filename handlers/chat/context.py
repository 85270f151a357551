"""What a chat handler has at hand: the unit of work, the conversation, the schemes of this account."""

from dataclasses import dataclass
from uuid import UUID

from handlers.chat.states import ChatState
from services.followers import Conversation
from services.models import Actor
from services.schemes.models import Scheme
from services.unit_of_work import Work


@dataclass(frozen=True)
class ChatContext:
    """One message of one follower, whose lock is held."""

    work: Work
    conversation: Conversation

    @property
    def state(self) -> ChatState:
        """What was asked last; a state of an earlier version of the program counts as idle."""
        known = self.conversation.state in ChatState._value2member_map_
        return ChatState(self.conversation.state) if known else ChatState.IDLE

    @property
    def actor(self) -> Actor:
        """The follower as the one who does something."""
        return self.conversation.actor

    @property
    def follower_id(self) -> UUID:
        """Whose conversation it is."""
        return self.conversation.follower_id

    @property
    def account(self) -> str:
        """The official account that was written to."""
        return self.conversation.account

    @property
    def schemes(self) -> list[Scheme]:
        """What this account offers."""
        return self.work.tools.schemes.offered_by(self.account)

    def remembered(self, key: str) -> UUID | None:
        """An id that the conversation remembers."""
        value = self.conversation.memory.get(key)
        return UUID(value) if isinstance(value, str) else None

    def recalled(self, key: str) -> str:
        """A word that the conversation remembers, or an empty one."""
        value = self.conversation.memory.get(key)
        return value if isinstance(value, str) else ""

    def noted(self, key: str) -> str | None:
        """A word that the conversation remembers, which may be empty; None when it does not."""
        value = self.conversation.memory.get(key)
        return value if isinstance(value, str) else None

    def goto(self, state: ChatState, **memory: object) -> None:
        """The next state with its memory; ids are kept as text."""
        kept = {key: str(value) if isinstance(value, UUID) else value for key, value in memory.items()}
        self.conversation.goto(state.value, **kept)
