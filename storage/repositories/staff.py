"""Staff, and the browsers they are signed in with."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables import Organisation, Staff, StaffLogin


class StaffRepository:
    """Staff within one transaction of the caller's."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find_by_login(self, login: str) -> Staff | None:
        """The account of this login name, locked until the transaction ends, so that tries are counted one by one."""
        return await self._session.scalar(select(Staff).where(Staff.login == login).with_for_update())

    async def get(self, staff_id: UUID) -> Staff:
        """The account. Raises sqlalchemy.exc.NoResultFound."""
        return (
            await self._session.execute(select(Staff).where(Staff.id == staff_id).with_for_update())
        ).scalar_one()

    async def list_with_organisation(self, organisation_id: UUID | None) -> list[tuple[Staff, Organisation]]:
        """Accounts with their organisation, of one organisation or (None) of all, by organisation and login."""
        statement = (
            select(Staff, Organisation)
            .join(Organisation, Organisation.id == Staff.organisation_id)
            .order_by(Organisation.name, Staff.login)
        )
        if organisation_id is not None:
            statement = statement.where(Staff.organisation_id == organisation_id)
        return [(staff, home) for staff, home in await self._session.execute(statement)]

    async def find_login(self, token_digest: bytes) -> tuple[StaffLogin, Staff, Organisation] | None:
        """A signed-in browser with its staff and their organisation."""
        statement = (
            select(StaffLogin, Staff, Organisation)
            .join(Staff, Staff.id == StaffLogin.staff_id)
            .join(Organisation, Organisation.id == Staff.organisation_id)
            .where(StaffLogin.token_digest == token_digest)
        )
        row = (await self._session.execute(statement)).one_or_none()
        return (row[0], row[1], row[2]) if row else None

    async def delete_logins_of_organisation(self, organisation_id: UUID) -> None:
        """Sign everybody of an organisation out."""
        theirs = select(Staff.id).where(Staff.organisation_id == organisation_id)
        await self._session.execute(delete(StaffLogin).where(StaffLogin.staff_id.in_(theirs)))

    async def organisation_status(self, organisation_id: UUID) -> str:
        """How the organisation stands that somebody works in."""
        return (
            await self._session.execute(select(Organisation.status).where(Organisation.id == organisation_id))
        ).scalar_one()

    async def add(self, staff: Staff) -> None:
        """Keep a new account. Raises sqlalchemy.exc.IntegrityError for a login that is taken."""
        self._session.add(staff)
        await self._session.flush()

    async def add_login(self, login: StaffLogin) -> None:
        """Keep a signed-in browser."""
        self._session.add(login)
        await self._session.flush()

    async def delete_login(self, token_digest: bytes) -> None:
        """Forget one signed-in browser; none is no error."""
        await self._session.execute(delete(StaffLogin).where(StaffLogin.token_digest == token_digest))

    async def delete_logins_of(self, staff_id: UUID, *, except_digest: bytes | None = None) -> None:
        """Forget all browsers of one account, but for `except_digest`."""
        statement = delete(StaffLogin).where(StaffLogin.staff_id == staff_id)
        if except_digest is not None:
            statement = statement.where(StaffLogin.token_digest != except_digest)
        await self._session.execute(statement)

    async def delete_logins_before(self, moment: datetime) -> None:
        """Forget browsers whose sign-in had run out by `moment`."""
        await self._session.execute(delete(StaffLogin).where(StaffLogin.expires_at <= moment))
