"""Writing outbox rows 待发箱. Delivery is the scheduler's; no service calls WeChat."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Update, update
from sqlalchemy.dialects.postgresql import Insert, insert

from services.notices.catalogue import NOTICES
from services.rules.calendar import next_allowed
from services.unit_of_work import Work
from storage.states import DeliveryState
from storage.tables import Base, OutboxMessage

_OUTBOX = Base.metadata.tables["outbox"]


@dataclass(frozen=True, kw_only=True)
class Addressed:
    """One notice to one follower, for `NoticeService.send_many`; the fields mean what `send`'s arguments do."""

    follower_id: UUID
    notice: str
    cause: str
    facts: dict[str, Any] = field(default_factory=dict)
    enrolment_id: UUID | None = None
    due_at: datetime | None = None
    group: str | None = None


class NoticeService:
    """Messages to followers, written in the transaction that gives cause for them."""

    def __init__(self, work: Work) -> None:
        self.work = work

    async def send(
        self,
        follower_id: UUID,
        notice: str,
        *,
        cause: str,
        facts: dict[str, Any],
        enrolment_id: UUID | None = None,
        due_at: datetime | None = None,
        group: str | None = None,
    ) -> None:
        """Queue one notice. The same `cause` is queued once for ever.

        `notice` is a key of `NOTICES`; `due_at` (aware UTC, default now) is moved out of the quiet hours
        21:00–08:00 Asia/Shanghai for a notice that can wait; `group` lets `withdraw` take it back unsent.
        """
        message = Addressed(
            follower_id=follower_id,
            notice=notice,
            cause=cause,
            facts=facts,
            enrolment_id=enrolment_id,
            due_at=due_at,
            group=group,
        )
        await self.send_many([message])

    async def send_many(self, messages: Sequence[Addressed]) -> None:
        """`send` for thousands at once: one statement, however many."""
        if messages:
            await self.work.session.execute(
                insert(OutboxMessage).on_conflict_do_nothing(index_elements=["dedupe_key"]),
                [self._row(message) for message in messages],
            )

    def queueing(self, messages: Sequence[Addressed]) -> Insert:
        """The statement of `send_many` for a few messages (dozens), to go out together with another."""
        rows = [self._row(message) for message in messages]
        return insert(_OUTBOX).values(rows).on_conflict_do_nothing(index_elements=["dedupe_key"])

    async def withdraw(self, group: str) -> int:
        """Take back what is still queued of a group; says how many messages."""
        result = await self.work.session.execute(
            self._withdrawing(_OUTBOX.c.group_key == group).returning(_OUTBOX.c.id)
        )
        return len(result.all())

    async def replace(self, group: str, messages: Sequence[Addressed]) -> None:
        """`withdraw` a group and send a few other messages (dozens) for it, in one statement."""
        statement = self._withdrawing(_OUTBOX.c.group_key == group)
        if messages:
            statement = statement.add_cte(self.queueing(messages).cte("queued"))
        await self.work.session.execute(statement)

    async def withdraw_prefix(self, prefix: str) -> int:
        """`withdraw` for every group whose name begins with `prefix`; says how many messages."""
        result = await self.work.session.execute(
            update(OutboxMessage)
            .where(
                OutboxMessage.group_key.startswith(prefix, autoescape=True),
                OutboxMessage.state == DeliveryState.QUEUED,
            )
            .values(state=DeliveryState.WITHDRAWN, finished_at=self.work.now)
            .returning(OutboxMessage.id)
        )
        return len(result.all())

    def withdrawing(self, follower_id: UUID, notice: str, enrolment_id: UUID) -> Update:
        """The statement that takes one notice about one enrolment back, as far as it is queued; to go out with another."""
        return self._withdrawing(
            _OUTBOX.c.follower_id == follower_id,
            _OUTBOX.c.enrolment_id == enrolment_id,
            _OUTBOX.c.notice == notice,
        )

    def _withdrawing(self, *wanted: ColumnElement[bool]) -> Update:
        return (
            update(_OUTBOX)
            .where(*wanted, _OUTBOX.c.state == DeliveryState.QUEUED)
            .values(state=DeliveryState.WITHDRAWN, finished_at=self.work.now)
        )

    def _row(self, message: Addressed) -> dict[str, Any]:
        due = message.due_at or self.work.now
        if NOTICES[message.notice].can_wait and self.work.tools.quiet_hours:
            due = next_allowed(due)
        key = f"{message.notice}:{message.cause}"
        return {
            "follower_id": message.follower_id,
            "enrolment_id": message.enrolment_id,
            "notice": message.notice,
            "facts": message.facts,
            "dedupe_key": key,
            "group_key": message.group,
            "state": DeliveryState.QUEUED,
            "due_at": due,
            "created_at": self.work.now,
            "client_msg_id": hashlib.sha256(key.encode()).hexdigest()[:32],
        }
