"""A callback's life: dedupe → the follower's lock → unit of work → reply, or hand-over when it takes too long.

Receipts go another way: many at a time in one unit of work, see `services.groups`.

WeChat waits 5 s and then sends the same callback again. So the reply is kept with the inbound row, and a repeat gets
it. What is not ready after `deadline` seconds is answered `success`; the work goes on, and its reply leaves as a
customer-service message, written into the outbox in the same transaction as the work's effect.
"""

import asyncio
import dataclasses
import json
from collections.abc import Sequence
from uuid import UUID
from weakref import WeakValueDictionary

import structlog
from sqlalchemy import Insert
from sqlalchemy.exc import DBAPIError, InterfaceError

from handlers.chat.context import ChatContext
from handlers.chat.entry import router as chat
from handlers.chat.messages import (
    HandOver,
    ImageMessage,
    ImageReply,
    Inbound,
    MassReceipt,
    MenuClicked,
    NewsReply,
    NoReply,
    OtherEvent,
    OtherMessage,
    Reply,
    Scanned,
    Subscribed,
    TemplateReceipt,
    TextMessage,
    TextReply,
)
from handlers.chat.router import Router
from handlers.chat.texts import common
from services.broadcasts.receipts import Counts, take_mass_receipt
from services.delivery.service import Arrival, take_receipts, waking
from services.followers import ACTION_WINDOW, MESSAGE_WINDOW, FollowerService, Place, Window
from services.groups import GroupWriter
from services.notices import NoticeService
from services.notices.outbox import Addressed
from services.notices.sealed import sealed_text
from services.unit_of_work import Tools, Work
from storage.repositories.inbox import Also, InboxRepository

log = structlog.get_logger(__name__)

#: WeChat's limit is 5 s; the answer must be sealed and travel, too.
DEADLINE_SECONDS = 4.0
_CONTEXT = b"inbound_messages.reply"
_MESSAGES = (TextMessage, ImageMessage, OtherMessage)
_ACTIONS = (MenuClicked, Subscribed, Scanned)
_REPLIES: dict[str, type[Reply]] = {
    kind.__name__: kind for kind in (TextReply, ImageReply, NewsReply, HandOver, NoReply)
}


class Handover:
    """Who gives the reply: decided once, by whichever comes first, the work's end or the deadline."""

    def __init__(self) -> None:
        self._decided: str | None = None

    def claim(self) -> bool:
        """The work is done and its reply is to go out as the passive reply."""
        self._decided = self._decided or "passive"
        return self._decided == "passive"

    def give_up(self) -> bool:
        """The deadline has come; the reply is to go out as a message."""
        self._decided = self._decided or "message"
        return self._decided == "message"


class ChatPipeline:
    """Answers every inbound message of every account, in any number of processes."""

    def __init__(self, tools: Tools, *, router: Router = chat, deadline: float = DEADLINE_SECONDS) -> None:
        self.tools = tools
        self.router = router
        self.deadline = deadline
        self._running: set[asyncio.Task[Reply]] = set()
        self._receipts: GroupWriter[Arrival, None] = GroupWriter(self._take_receipts, at_once=2)
        #: Who waits for their turn in this process does so here, without a database connection.
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def answer(self, inbound: Inbound) -> Reply:
        """The passive reply; NoReply when the work goes on past the deadline.

        A receipt is answered when it is committed and not before, with hundreds of others; a repeat of it changes
        nothing, so it needs no row of its own in the inbox.
        """
        if isinstance(inbound, TemplateReceipt):
            await self._receipts.put(_arrival(inbound))
            return NoReply()
        handover = Handover()
        work = asyncio.create_task(self._answer(inbound, handover))
        self._running.add(work)
        work.add_done_callback(self._ended)
        done, _ = await asyncio.wait({work}, timeout=self.deadline)
        if not done and handover.give_up():
            log.info("chat.handed_over", account=inbound.account, kind=type(inbound).__name__)
            return NoReply()
        # Claimed: it is only committing. Should WeChat not wait, its repeat finds the stored reply.
        return await asyncio.shield(work)

    async def close(self) -> None:
        """Let the work that was handed over come to its end."""
        if self._running:
            await asyncio.wait(self._running, timeout=30)
        await self._receipts.close()

    async def _take_receipts(self, arrivals: Sequence[Arrival]) -> list[None]:
        async with self.tools.unit_of_work() as work:
            await take_receipts(work, arrivals)
        return [None] * len(arrivals)

    def _ended(self, work: asyncio.Task[Reply]) -> None:
        self._running.discard(work)
        if not work.cancelled() and (error := work.exception()) is not None:
            log.error("chat.failed", error=type(error).__name__, exc_info=error)

    async def _answer(self, inbound: Inbound, handover: Handover) -> Reply:
        try:
            return await self._work(inbound, handover)
        except (OSError, TimeoutError, InterfaceError, DBAPIError):
            # The database is away or ended the transaction: nothing was kept, and WeChat's repeat tries again.
            raise
        except Exception:
            # Ours to mend. A repeat would fail the same way, so say so once, and answer repeats the same.
            log.exception("chat.broken", account=inbound.account, kind=type(inbound).__name__)
            return await self._apologise(inbound, handover)

    async def _work(self, inbound: Inbound, handover: Handover) -> Reply:
        turn = self._turns.setdefault((inbound.account, inbound.openid), asyncio.Lock())
        async with turn, self.tools.unit_of_work() as work:
            inbox = InboxRepository(work.session)
            taken = await _take(inbox, work, inbound)
            if taken is None:
                return self._open(await inbox.find_reply(inbound.account, inbound.dedupe_key))
            if isinstance(inbound, MassReceipt):
                await take_mass_receipt(work, inbound.account, _counts(inbound))
                reply: Reply = NoReply()
                await inbox.answer(taken, self._seal(reply))
                return reply
            reply, place = await self._converse(work, inbound)
            return await self._hand_out(work, inbound, handover, taken, reply, place)

    async def _converse(self, work: Work, inbound: Inbound) -> tuple[Reply, Place]:
        followers = FollowerService(work)
        conversation = await followers.enter(inbound.account, inbound.openid)
        reply = await self.router.answer(ChatContext(work, conversation), inbound)
        return reply, await followers.leave(conversation, _window(inbound))

    async def _hand_out(
        self, work: Work, inbound: Inbound, handover: Handover, taken: int, reply: Reply, place: Place
    ) -> Reply:
        """Keep reply and place in one last statement; the reply goes out as a message when it comes too late."""
        # Whatever is written by now goes first: the reply must be decided when nothing slow is left.
        await work.session.flush()
        also: list[Also] = []
        if place.opens_window:
            also.append(waking(work, place.follower_id))
        if not (handover.claim() or isinstance(reply, NoReply)):
            also.append((self._late(work, place.follower_id, inbound, reply), {}))
            reply = NoReply()
        await InboxRepository(work.session).answer(
            taken,
            self._seal(reply),
            follower_id=place.follower_id,
            columns=place.columns,
            also=also,
        )
        return reply

    async def _apologise(self, inbound: Inbound, handover: Handover) -> Reply:
        reply: Reply = (
            TextReply(text=common.trouble()) if isinstance(inbound, _MESSAGES + _ACTIONS) else NoReply()
        )
        async with self.tools.unit_of_work() as work:
            inbox = InboxRepository(work.session)
            taken = await _take(inbox, work, inbound)
            if taken is None:
                return self._open(await inbox.find_reply(inbound.account, inbound.dedupe_key))
            if handover.claim() or isinstance(reply, NoReply):
                await inbox.answer(taken, self._seal(reply))
                return reply
            # Nobody waits for the reply any more, and still nobody is left without one.
            followers = FollowerService(work)
            conversation = await followers.enter(inbound.account, inbound.openid)
            place = await followers.leave(conversation, _window(inbound))
            return await self._hand_out(work, inbound, handover, taken, reply, place)

    def _late(self, work: Work, follower_id: UUID, inbound: Inbound, reply: Reply) -> Insert:
        """As a message, because WeChat was told that nothing would be said."""
        late = Addressed(
            follower_id=follower_id,
            notice="late_reply",
            cause=f"{inbound.account}:{inbound.dedupe_key}",
            facts=sealed_text(work, _as_text(reply)),
        )
        return NoticeService(work).queueing([late])

    def _seal(self, reply: Reply) -> bytes:
        """For repeats; encrypted, because a reply may hold a name or a link."""
        fields = {"kind": type(reply).__name__, **dataclasses.asdict(reply)}
        return self.tools.keyring.encrypt_text(json.dumps(fields, ensure_ascii=False), context=_CONTEXT)

    def _open(self, kept: bytes | None) -> Reply:
        if kept is None:
            return NoReply()
        fields: dict[str, str] = json.loads(self.tools.keyring.decrypt_text(kept, context=_CONTEXT))
        return _REPLIES[fields.pop("kind")](**fields)


def _counts(inbound: MassReceipt) -> Counts:
    return Counts(
        msgid=inbound.msgid,
        status=inbound.status,
        total=inbound.total,
        filtered=inbound.filtered,
        sent=inbound.sent,
        errors=inbound.errors,
    )


async def _take(inbox: InboxRepository, work: Work, inbound: Inbound) -> int | None:
    return await inbox.take(
        inbound.account, inbound.openid, inbound.dedupe_key, type(inbound).__name__, work.now
    )


def _arrival(inbound: TemplateReceipt) -> Arrival:
    return Arrival(account=inbound.account, openid=inbound.openid, msgid=inbound.msgid, status=inbound.status)


def _window(inbound: Inbound) -> Window | None:
    if isinstance(inbound, _MESSAGES):
        return MESSAGE_WINDOW
    scanned = isinstance(inbound, OtherEvent) and inbound.event.lower().startswith("scancode_")
    return ACTION_WINDOW if scanned or isinstance(inbound, _ACTIONS) else None


def _as_text(reply: Reply) -> str:
    """The reply in words, for a customer-service message."""
    if isinstance(reply, TextReply):
        return reply.text
    if isinstance(reply, NewsReply):
        return f"{reply.title}\n{reply.description}\n{reply.url}"
    return "您的请求已处理，回复 菜单 查看。"
