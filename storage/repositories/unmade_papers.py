"""Certificates whose PDF and picture were never made, and whether a job still tries."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, String, cast, column, exists, func, literal, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from storage.states import CertificateState
from storage.tables import Certificate

_JOBS = table("procrastinate_jobs", column("lock"), column("status"))
#: A job that waits for its turn or its next try, or runs.
_LIVE = ("todo", "doing")


class UnmadePaperRepository:
    """The tables `certificates` and `procrastinate_jobs`; `lock_prefix` + id is the lock of a certificate's job."""

    def __init__(self, session: AsyncSession, lock_prefix: str) -> None:
        self.session = session
        lock = literal(lock_prefix).concat(cast(Certificate.id, String))
        #: Some job still tries.
        self._tried: ColumnElement[bool] = exists().where(
            _JOBS.c.lock == lock, cast(_JOBS.c.status, String).in_(_LIVE)
        )

    async def list_unmade(
        self, organisation_id: UUID | None, *, limit: int
    ) -> Sequence[tuple[Certificate, bool]]:
        """Valid ones without a picture and whether a job still tries: the given up first, then the oldest."""
        rows = await self.session.execute(
            select(Certificate, self._tried)
            .where(*_unmade(organisation_id))
            .order_by(self._tried, Certificate.created_at, Certificate.number)
            .limit(limit)
        )
        return [(certificate, tried) for certificate, tried in rows]

    async def count_given_up(self, organisation_id: UUID | None) -> int:
        """Valid ones without a picture that no job tries any more."""
        count = await self.session.scalar(
            select(func.count()).select_from(Certificate).where(*_unmade(organisation_id), ~self._tried)
        )
        return count or 0

    async def is_tried(self, certificate_id: UUID) -> bool:
        """Whether some job still tries to make this one."""
        return bool(await self.session.scalar(select(self._tried).where(Certificate.id == certificate_id)))


def _unmade(organisation_id: UUID | None) -> list[ColumnElement[bool]]:
    # The picture is made last, and by the job only: a PDF that staff downloaded says nothing.
    conditions = [
        Certificate.state == CertificateState.VALID,
        Certificate.png_key.is_(None),
        Certificate.purged_at.is_(None),
    ]
    return (
        conditions
        if organisation_id is None
        else [*conditions, Certificate.organisation_id == organisation_id]
    )
