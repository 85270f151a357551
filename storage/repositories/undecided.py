"""Messages that staff have to decide about: `unknown` without a receipt, and `dead`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.states import DeliveryState
from storage.tables import Enrolment, Follower, Organisation, OutboxMessage


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """Whose messages are seen: one organisation's, or all (None); `orphans`, those of no organisation, too."""

    organisation_id: UUID | None
    orphans: bool


class UndecidedRepository:
    """Undecided rows of `outbox`, as far as `viewer` sees them (B9)."""

    def __init__(self, session: AsyncSession, viewer: Viewer) -> None:
        self._session = session
        self._viewer = viewer

    async def count(self) -> int:
        """How many wait."""
        found: int | None = await self._session.scalar(
            _joined(select(func.count(OutboxMessage.id))).where(self._open, self._own)
        )
        return found or 0

    async def list_page(
        self, *, offset: int, limit: int
    ) -> Sequence[tuple[OutboxMessage, Follower, Enrolment | None]]:
        """Those that wait with whom they go to and what they are about, the oldest first."""
        rows = await self._session.execute(
            _joined(select(OutboxMessage, Follower, Enrolment))
            .where(self._open, self._own)
            .order_by(OutboxMessage.created_at, OutboxMessage.id)
            .offset(offset)
            .limit(limit)
        )
        return [(message, follower, enrolment) for message, follower, enrolment in rows]

    async def find(self, message_id: UUID) -> tuple[OutboxMessage, Follower, Enrolment | None] | None:
        """A message that is `unknown` or `dead`, decided or not, locked; None where it is not theirs to see."""
        row = (
            await self._session.execute(
                _joined(select(OutboxMessage, Follower, Enrolment))
                .where(OutboxMessage.id == message_id, self._shown, self._own)
                .with_for_update(of=OutboxMessage)
            )
        ).first()
        return (row[0], row[1], row[2]) if row else None

    async def add_again(self, message: OutboxMessage, **values: Any) -> UUID | None:
        """Queue what this message says as a new one; None when that was done before."""
        return await self._session.scalar(
            insert(OutboxMessage)
            .values(
                account=message.account,
                follower_id=message.follower_id,
                enrolment_id=message.enrolment_id,
                notice=message.notice,
                facts=message.facts,
                group_key=message.group_key,
                state=DeliveryState.QUEUED,
                again_of=message.id,
                **values,
            )
            .on_conflict_do_nothing(index_elements=["dedupe_key"])
            .returning(OutboxMessage.id)
        )

    @property
    def _shown(self) -> ColumnElement[bool]:
        return or_(
            OutboxMessage.state == DeliveryState.DEAD,
            and_(OutboxMessage.state == DeliveryState.UNKNOWN, OutboxMessage.surfaced_at.is_not(None)),
        )

    @property
    def _open(self) -> ColumnElement[bool]:
        return and_(
            OutboxMessage.state.in_((DeliveryState.UNKNOWN, DeliveryState.DEAD)),
            OutboxMessage.decided_at.is_(None),
            self._shown,
        )

    @property
    def _own(self) -> ColumnElement[bool]:
        if self._viewer.organisation_id is None:
            return true()
        theirs = exists().where(Enrolment.follower_id == OutboxMessage.follower_id).correlate(OutboxMessage)
        ours = exists().where(
            Enrolment.follower_id == OutboxMessage.follower_id,
            Enrolment.organisation_id == self._viewer.organisation_id,
        )
        about_nothing = OutboxMessage.enrolment_id.is_(None)
        seen = [
            Enrolment.organisation_id == self._viewer.organisation_id,
            and_(about_nothing, ours.correlate(OutboxMessage)),
        ]
        if self._viewer.orphans:
            seen.append(and_(about_nothing, ~theirs))
        return or_(*seen)

    async def is_top(self, organisation_id: UUID) -> bool:
        """Whether no organisation stands above this one."""
        row = await self._session.get(Organisation, organisation_id)
        return row is not None and row.parent_id is None


def _joined(statement: Any) -> Any:
    """From messages to whom they go to and what they are about."""
    return (
        statement.select_from(OutboxMessage)
        .join(Follower, Follower.id == OutboxMessage.follower_id)
        .outerjoin(Enrolment, Enrolment.id == OutboxMessage.enrolment_id)
    )
