"""Attachments of blacklist entries and of changes."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.states import AttachmentState
from storage.tables import Attachment, BlacklistEntry, ChangeRequest, Enrolment, Follower


class AttachmentRepository:
    """The table `attachments`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def find(self, attachment_id: UUID, *, for_update: bool = False) -> Attachment | None:
        """One file's row."""
        return await self.session.get(
            Attachment, attachment_id, with_for_update=for_update or None, populate_existing=for_update
        )

    async def list_(
        self, *, entry_id: UUID | None = None, request_id: UUID | None = None
    ) -> Sequence[Attachment]:
        """What belongs to this entry or request, in its order."""
        rows = await self.session.scalars(
            select(Attachment)
            .where(
                Attachment.blacklist_entry_id == entry_id
                if entry_id is not None
                else Attachment.change_request_id == request_id
            )
            .order_by(Attachment.created_at, Attachment.id)
        )
        return rows.all()

    async def senders(self, row: Attachment) -> tuple[str, Sequence[UUID]]:
        """Scheme (`id@version`) of what it belongs to, and the followers whose chat it came from."""
        if row.blacklist_entry_id is not None:
            entry = await self.session.get_one(BlacklistEntry, row.blacklist_entry_id)
            followers = await self.session.scalars(
                select(Follower.id).where(
                    Follower.person_id == entry.person_id, Follower.unfollowed_at.is_(None)
                )
            )
            return f"{entry.scheme_id}@{entry.scheme_version}", followers.all()
        request = await self.session.get_one(ChangeRequest, row.change_request_id)
        enrolment = await self.session.get_one(Enrolment, request.enrolment_id)
        return enrolment.scheme_ref, (enrolment.follower_id,)

    async def count(self, *, entry_id: UUID | None = None, request_id: UUID | None = None) -> int:
        """How many files there are that were not refused."""
        query = (
            select(func.count()).select_from(Attachment).where(Attachment.state != AttachmentState.REFUSED)
        )
        query = query.where(
            Attachment.blacklist_entry_id == entry_id
            if entry_id is not None
            else Attachment.change_request_id == request_id
        )
        return await self.session.scalar(query) or 0
