"""What a place is where something lies encrypted; one for files is always the same."""

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from services.unit_of_work import Work
from storage.files import FileMissingError
from storage.tables import Base

Age = int | None
"""Which key a value is under: 0 the first, 1 the one before …, None: none of ours."""

_Row = TypeVar("_Row", bound=Base)


class NotRenewableError(Exception):
    """This row stays as it is: `reason` is `clash` (another row has its value already) or `in_use`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Place(ABC, Generic[_Row]):
    """One table, as far as the rotation is concerned."""

    name: str
    table: type[_Row]
    #: Columns of the table that are renewed here: each of its own place only.
    columns: tuple[str, ...]
    #: Rows in one unit of work; they are locked for as long.
    batch: int = 500

    @abstractmethod
    async def ages(self, work: Work, row: _Row) -> list[Age]:
        """One for every encrypted value of the row."""

    @abstractmethod
    async def renew(self, work: Work, row: _Row) -> None:
        """Encrypt the locked row's values under the first key; what is there already may be encrypted once more.

        Raises:
            storage.crypto.DecryptionError: damaged, or under a key that is gone.
            NotRenewableError: not now.
        """


class Files(Place[_Row]):
    """Files that a table's columns name. A file that is lost is not counted."""

    #: Each file is read and written as a whole, while its row is locked.
    batch = 50

    def __init__(self, name: str, table: type[_Row], *columns: str) -> None:
        self.name = name
        self.table = table
        self.columns = columns

    async def ages(self, work: Work, row: _Row) -> list[Age]:
        found = []
        for key in self._keys(row):
            try:
                found.append(await work.tools.files.key_age(key))
            except FileMissingError:
                continue
        return found

    async def renew(self, work: Work, row: _Row) -> None:
        for key in self._keys(row):
            try:
                if await work.tools.files.key_age(key) != 0:
                    await work.tools.files.put(key, await work.tools.files.get(key))
            except FileMissingError:
                continue

    def _keys(self, row: _Row) -> list[str]:
        return [key for column in self.columns if (key := getattr(row, column)) is not None]
