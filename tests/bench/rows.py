"""Many rows from one that the services wrote themselves."""

from typing import Any

import asyncpg

from storage.tables import Base


async def copies(
    connection: asyncpg.Connection, table: str, original: Any, count: int, **columns: str
) -> None:
    """Add `count` copies of the row with the id `original`.

    `columns` says in SQL what differs; `n` is 1 to `count`, and a column is the original's.
    """
    names = [column.name for column in Base.metadata.tables[table].columns]
    shown = ", ".join(f'"{name}"' for name in names)
    chosen = ", ".join(columns.get(name, f'"{name}"') for name in names)
    await connection.execute(
        f"INSERT INTO {table} ({shown}) SELECT {chosen}"  # noqa: S608 - names of our own tables
        f" FROM {table}, generate_series(1, {count}) AS n WHERE id = $1",
        original,
    )
    await connection.execute(f"ANALYZE {table}")
