"""Keeping WeChat's access tokens."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables.tokens import AccessTokenRow


@dataclass(frozen=True, kw_only=True)
class StoredToken:
    """A row of `access_tokens`, as it is kept: the token still encrypted, times aware UTC."""

    account: str
    app_id: str = ""
    token: bytes | None = None
    expires_at: datetime | None = None
    refreshed_at: datetime | None = None
    version: int = 0
    forced_at: datetime | None = None
    forced_on: date | None = None
    forced_times: int = 0


_COLUMNS = tuple(StoredToken.__dataclass_fields__)


class AccessTokenRepository:
    """The access tokens within one transaction of the caller's."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self, account: str) -> StoredToken | None:
        """What is kept for `account`, without waiting for a renewal that is under way."""
        return await self._read(account, lock=None)

    async def lock(self, account: str) -> StoredToken:
        """The row, made if there is none, and locked until the transaction ends; waits for another renewal."""
        await self._make(account)
        stored = await self._read(account, lock="wait")
        if stored is None:
            raise LookupError(account)
        return stored

    async def lock_if_free(self, account: str) -> StoredToken | None:
        """As `lock`, but None at once while another process renews (or when there is no row yet)."""
        return await self._read(account, lock="skip")

    async def save(self, stored: StoredToken) -> None:
        """Write a locked row back."""
        values = {name: getattr(stored, name) for name in _COLUMNS}
        await self._session.execute(
            update(AccessTokenRow).where(AccessTokenRow.account == stored.account).values(values)
        )

    async def _make(self, account: str) -> None:
        statement = insert(AccessTokenRow).values(account=account, app_id="", version=0, forced_times=0)
        await self._session.execute(statement.on_conflict_do_nothing())

    async def _read(self, account: str, *, lock: str | None) -> StoredToken | None:
        columns = [getattr(AccessTokenRow, name) for name in _COLUMNS]
        statement = select(*columns).where(AccessTokenRow.account == account)
        if lock is not None:
            statement = statement.with_for_update(skip_locked=lock == "skip")
        row = (await self._session.execute(statement)).one_or_none()
        return StoredToken(**row._asdict()) if row else None
