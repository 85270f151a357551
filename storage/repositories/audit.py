"""Reading the audit log; writing is `services.audit`'s."""

from uuid import UUID

from sqlalchemy import String, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables import AuditEntry, StageRecord


class AuditRepository:
    """The audit log within one transaction of the caller's."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list_page(
        self, organisation_id: UUID | None, *, query: str, offset: int, limit: int
    ) -> tuple[list[AuditEntry], int]:
        """Newest first, and how many there are; `query` is part of an actor's name, an action or a subject's id."""
        statement = select(AuditEntry)
        if organisation_id is not None:
            reached = select(cast(StageRecord.enrolment_id, String)).where(
                StageRecord.organisation_id == organisation_id
            )
            statement = statement.where(
                or_(
                    AuditEntry.organisation_id == organisation_id,
                    # What happened to enrolments that its stages reached: it reads them too.
                    (AuditEntry.subject_kind == "enrolment") & AuditEntry.subject_id.in_(reached),
                )
            )
        if query:
            statement = statement.where(
                or_(
                    AuditEntry.actor_name.contains(query, autoescape=True),
                    AuditEntry.action.contains(query, autoescape=True),
                    AuditEntry.subject_id == query,
                )
            )
        total = await self._session.scalar(select(func.count()).select_from(statement.subquery())) or 0
        rows = await self._session.scalars(
            statement.order_by(AuditEntry.id.desc()).offset(offset).limit(limit)
        )
        return list(rows), total

    async def list_of(self, subject_kind: str, subject_id: str) -> list[AuditEntry]:
        """Everything about one subject, the newest first."""
        rows = await self._session.scalars(
            select(AuditEntry)
            .where(AuditEntry.subject_kind == subject_kind, AuditEntry.subject_id == subject_id)
            .order_by(AuditEntry.id.desc())
        )
        return list(rows)
