"""From an inbound message to the handler that answers it: by its kind, a word that always works, or the state."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from handlers.chat.context import ChatContext
from handlers.chat.messages import Inbound, MenuClicked, NoReply, Reply, TextMessage, TextReply
from handlers.chat.states import ChatState
from services.rules import words
from services.rules.words import Word

M = TypeVar("M", bound=Inbound)
TextHandler = Callable[[ChatContext, TextMessage], Awaitable[Reply]]
WordHandler = Callable[[ChatContext, str | None], Awaitable[Reply]]
KindHandler = Callable[[ChatContext, M], Awaitable[Reply]]


class NotAnAnswer(Exception):  # noqa: N818 - no error: a word turned out to be an ordinary answer
    """Raised by a handler: the text is nothing to it. A word becomes an ordinary answer, an answer a question."""


class Router:
    """First the words that always work, then what may come at any time, what the state expects, the fallback."""

    def __init__(self) -> None:
        self._words: dict[Word, WordHandler] = {}
        self._texts: dict[ChatState, TextHandler] = {}
        self._kinds: dict[type[Inbound], KindHandler[Inbound]] = {}
        self._fallback: TextHandler | None = None
        self._interjection: TextHandler | None = None
        self._left: dict[ChatState, str] = {}

    def word(self, *known: Word) -> Callable[[WordHandler], WordHandler]:
        """Answers these words in every state, typed or clicked in the menu."""

        def register(handler: WordHandler) -> WordHandler:
            self._words.update(dict.fromkeys(known, handler))
            return handler

        return register

    def text(self, *states: ChatState) -> Callable[[TextHandler], TextHandler]:
        """Answers any other text in these states."""

        def register(handler: TextHandler) -> TextHandler:
            self._texts.update(dict.fromkeys(states, handler))
            return handler

        return register

    def kind(self, *kinds: type[M]) -> Callable[[KindHandler[M]], KindHandler[M]]:
        """Answers these kinds of messages and events in every state."""

        def register(handler: KindHandler[M]) -> KindHandler[M]:
            self._kinds.update(dict.fromkeys(kinds, handler))  # type: ignore[arg-type] # its own kind only
            return handler

        return register

    def fallback(self, handler: TextHandler) -> TextHandler:
        """Answers a text that nothing else takes."""
        self._fallback = handler
        return handler

    def interjection(self, handler: TextHandler) -> TextHandler:
        """Sees a text before the state does; NotAnAnswer leaves it to the state."""
        self._interjection = handler
        return handler

    def left(self, note: str, *states: ChatState) -> None:
        """What is said besides when a word leads away from these states in the middle of something that is kept."""
        self._left.update(dict.fromkeys(states, note))

    def include(self, other: "Router") -> None:
        """Take over what another module's router answers."""
        self._words.update(other._words)
        self._texts.update(other._texts)
        self._kinds.update(other._kinds)
        self._left.update(other._left)
        self._fallback = other._fallback or self._fallback
        self._interjection = other._interjection or self._interjection

    async def answer(self, ctx: ChatContext, inbound: Inbound) -> Reply:
        """The reply to one message; NoReply for an event that needs none."""
        if isinstance(inbound, MenuClicked):
            inbound = TextMessage(
                account=inbound.account,
                openid=inbound.openid,
                dedupe_key=inbound.dedupe_key,
                sent_at=inbound.sent_at,
                content=inbound.key,
            )
        if isinstance(inbound, TextMessage):
            return await self._answer_text(ctx, inbound)
        handler = self._kinds.get(type(inbound))
        return await handler(ctx, inbound) if handler is not None else NoReply()

    async def answer_word(self, ctx: ChatContext, word: Word) -> Reply:
        """As if the word had been typed."""
        return await self._words[word](ctx, None)

    def _saying_what_is_left(self, before: ChatState, ctx: ChatContext, reply: Reply) -> Reply:
        note = self._left.get(before)
        if note is None or ctx.state in self._left or not isinstance(reply, TextReply):
            return reply
        return TextReply(text=f"{reply.text}\n\n{note}")

    async def _answer_text(self, ctx: ChatContext, message: TextMessage) -> Reply:
        before = ctx.state
        command = words.parse(message.content)
        if command is not None and (by_word := self._words.get(command.word)) is not None:
            try:
                return self._saying_what_is_left(before, ctx, await by_word(ctx, command.argument))
            except NotAnAnswer:
                pass
        if self._interjection is not None:
            try:
                return self._saying_what_is_left(before, ctx, await self._interjection(ctx, message))
            except NotAnAnswer:
                pass
        if (by_state := self._texts.get(ctx.state)) is not None:
            try:
                return await by_state(ctx, message)
            except NotAnAnswer:
                pass
        return await self._fallback(ctx, message) if self._fallback is not None else NoReply()
