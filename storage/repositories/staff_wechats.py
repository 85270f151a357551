"""Which follower of an account one of the staff is."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables import BroadcastTest, Follower, Staff, StaffBinding, StaffWeChat


class StaffWeChatRepository:
    """The tables `staff_wechats` and `staff_bindings`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def find(self, staff_id: UUID, account: str) -> StaffWeChat | None:
        """Theirs, while they follow."""
        return await self.session.scalar(
            select(StaffWeChat)
            .join(Follower, Follower.id == StaffWeChat.follower_id)
            .where(
                StaffWeChat.staff_id == staff_id,
                StaffWeChat.account == account,
                Follower.unfollowed_at.is_(None),
            )
        )

    async def offer(
        self, staff_id: UUID, account: str, digest: bytes, expires_at: datetime, now: datetime
    ) -> None:
        """A code to scan, instead of theirs before; those that have run out go."""
        await self.session.execute(
            delete(StaffBinding).where((StaffBinding.expires_at < now) | (StaffBinding.staff_id == staff_id))
        )
        self.session.add(
            StaffBinding(token_digest=digest, staff_id=staff_id, account=account, expires_at=expires_at)
        )
        await self.session.flush()

    async def take(self, digest: bytes, account: str, now: datetime) -> Staff | None:
        """Whose code it is, used up with this; None when there is none that holds."""
        staff_id = await self.session.scalar(
            delete(StaffBinding)
            .where(
                StaffBinding.token_digest == digest,
                StaffBinding.account == account,
                StaffBinding.expires_at > now,
            )
            .returning(StaffBinding.staff_id)
        )
        if staff_id is None:
            return None
        return await self.session.scalar(select(Staff).where(Staff.id == staff_id, Staff.active))

    async def bind(self, staff_id: UUID, account: str, follower_id: UUID, now: datetime) -> None:
        """This one, instead of whoever was theirs before."""
        row = insert(StaffWeChat).values(
            staff_id=staff_id, account=account, follower_id=follower_id, bound_at=now
        )
        await self.session.execute(
            row.on_conflict_do_update(
                index_elements=["staff_id", "account"],
                set_={"follower_id": row.excluded.follower_id, "bound_at": row.excluded.bound_at},
            )
        )

    async def count_tests(self, staff_id: str, since: datetime) -> int:
        """How many tests they asked for since then."""
        counted = await self.session.scalar(
            select(func.count()).where(BroadcastTest.staff_id == staff_id, BroadcastTest.created_at > since)
        )
        return counted or 0
