"""Writing outbox rows 待发箱. Delivery is the scheduler's; no service calls WeChat."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from services.notices.catalogue import NOTICES
from services.rules.calendar import next_allowed
from services.unit_of_work import Work
from storage.states import DeliveryState
from storage.tables import OutboxMessage


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
        definition = NOTICES[notice]
        due = due_at or self.work.now
        if definition.can_wait:
            due = next_allowed(due)
        key = f"{notice}:{cause}"
        await self.work.session.execute(
            insert(OutboxMessage)
            .values(
                follower_id=follower_id,
                enrolment_id=enrolment_id,
                notice=notice,
                facts=facts,
                dedupe_key=key,
                group_key=group,
                state=DeliveryState.QUEUED,
                due_at=due,
                created_at=self.work.now,
                client_msg_id=hashlib.sha256(key.encode()).hexdigest()[:32],
            )
            .on_conflict_do_nothing(index_elements=["dedupe_key"])
        )

    async def withdraw(self, group: str) -> int:
        """Take back what is still queued of a group; says how many messages."""
        result = await self.work.session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.group_key == group, OutboxMessage.state == DeliveryState.QUEUED)
            .values(state=DeliveryState.WITHDRAWN, finished_at=self.work.now)
            .returning(OutboxMessage.id)
        )
        return len(result.all())
