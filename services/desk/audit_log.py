"""Reading the audit log 操作日志; `services.audit` writes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.access import visible_organisation
from services.models import Actor
from services.unit_of_work import Work
from storage.repositories.audit import AuditRepository


@dataclass(frozen=True, kw_only=True)
class AuditLine:
    """One entry."""

    id: int
    at: datetime
    actor_kind: str
    actor_name: str
    action: str
    subject_kind: str
    subject_id: str
    reason: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class AuditPage:
    """Some entries, newest first."""

    items: tuple[AuditLine, ...]
    total: int
    page: int
    pages: int


class AuditLogService:
    """What was done, by whom."""

    def __init__(self, work: Work) -> None:
        self.work = work

    async def list_lines(
        self, actor: Actor, *, query: str = "", page: int = 1, per_page: int = 50
    ) -> AuditPage:
        """Entries of the actor's organisation (B9); `query` narrows by actor, action or subject id.

        Raises ForbiddenError for others than staff.
        """
        rows, total = await AuditRepository(self.work.session).list_page(
            visible_organisation(actor), query=query, offset=(page - 1) * per_page, limit=per_page
        )
        items = tuple(
            AuditLine(
                id=row.id,
                at=row.at,
                actor_kind=row.actor_kind,
                actor_name=row.actor_name,
                action=row.action,
                subject_kind=row.subject_kind,
                subject_id=row.subject_id,
                reason=row.reason,
                before=row.before,
                after=row.after,
            )
            for row in rows
        )
        return AuditPage(items=items, total=total, page=page, pages=max(1, -(-total // per_page)))
