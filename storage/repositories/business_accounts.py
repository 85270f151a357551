"""Business accounts."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables import BusinessAccount, Person


class BusinessAccountRepository:
    """The table `business_accounts`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def find(self, person_id: UUID) -> BusinessAccount | None:
        """The person's account, locked."""
        return await self.session.scalar(
            select(BusinessAccount)
            .where(BusinessAccount.person_id == person_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )

    async def find_by_login(self, digests: Collection[bytes]) -> BusinessAccount | None:
        """The account with a login of one of these digests (one for each secret key)."""
        return await self.session.scalar(
            select(BusinessAccount).where(BusinessAccount.login_digest.in_(digests))
        )

    async def list_by_logins(self, digests: Collection[bytes]) -> Sequence[tuple[BusinessAccount, str]]:
        """Accounts with one of these logins, with the person's name."""
        rows = await self.session.execute(
            select(BusinessAccount, Person.name)
            .join(Person, Person.id == BusinessAccount.person_id)
            .where(BusinessAccount.login_digest.in_(digests))
        )
        return [(account, name) for account, name in rows]

    async def add(self, account: BusinessAccount) -> None:
        """Keep a new account. Raises sqlalchemy.exc.IntegrityError for a login or person that has one."""
        self.session.add(account)
        await self.session.flush()
