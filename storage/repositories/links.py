"""Keeping one-time links."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables import OneTimeLink


class LinkRepository:
    """The table `one_time_links`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    def add(self, link: OneTimeLink) -> None:
        """Keep a new link; written with the unit of work."""
        self.session.add(link)

    async def find(
        self, digests: Sequence[bytes], purpose: str, *, for_update: bool = False
    ) -> OneTimeLink | None:
        """The link of this purpose whose token has one of these digests."""
        query = select(OneTimeLink).where(
            OneTimeLink.token_digest.in_(digests), OneTimeLink.purpose == purpose
        )
        if for_update:
            query = query.with_for_update().execution_options(populate_existing=True)
        return await self.session.scalar(query)

    async def close_all(self, enrolment_id: UUID, purpose: str, *, at: datetime, by: str) -> None:
        """Close what is still open of one enrolment and purpose."""
        await self.session.execute(
            update(OneTimeLink)
            .where(
                OneTimeLink.enrolment_id == enrolment_id,
                OneTimeLink.purpose == purpose,
                OneTimeLink.closed_at.is_(None),
            )
            .values(closed_at=at, closed_by=by)
        )

    async def delete_before(self, moment: datetime) -> None:
        """Forget links that have expired before."""
        await self.session.execute(delete(OneTimeLink).where(OneTimeLink.expires_at < moment))
