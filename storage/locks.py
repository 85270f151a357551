"""Row locks: which ones a transaction holds, and taking two in their order.

A row that is noted here is locked by this very transaction, so nobody else can have changed it since it was read: to
lock it again would cost a statement and change nothing.
"""

from typing import TypeVar, cast
from uuid import UUID

from sqlalchemy import ColumnElement, event, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, SessionTransaction, aliased

from storage.tables import Base, Enrolment

Row = TypeVar("Row", bound=Base)

_LOCKED = "locked_rows"


def note_locked(session: AsyncSession, row: Row, key: UUID) -> Row:
    """`row`, which was just read `FOR UPDATE`; `key` is its primary key."""
    session.info.setdefault(_LOCKED, {})[type(row), key] = row
    return row


def find_locked(session: AsyncSession, table: type[Row], key: UUID) -> Row | None:
    """The row, when this transaction holds its lock; no statement."""
    return cast(Row | None, session.info.get(_LOCKED, {}).get((table, key)))


async def lock_with_enrolment(
    session: AsyncSession, table: type[Row], wanted: ColumnElement[bool], enrolment_id: UUID
) -> tuple[Row, Enrolment] | None:
    """Lock the row of `table` that is `wanted`, and after it the enrolment, in one statement; None unless both are there.

    Both are as they are when the lock is had. Anything else that depends on them belongs into a later statement: this
    one, if it had to wait, sees other rows as they were before.
    """
    # The enrolment is reached, and locked, only through a row that comes out of this part of the statement locked.
    locked = select(table).where(wanted).with_for_update().cte("first").prefix_with("MATERIALIZED")
    first = aliased(table, locked)
    found = (
        await session.execute(
            select(first, Enrolment)
            .join(Enrolment, Enrolment.id == enrolment_id)
            .with_for_update(of=Enrolment)
            .execution_options(populate_existing=True)
        )
    ).one_or_none()
    if found is None:
        return None
    row, enrolment = found
    return row, note_locked(session, enrolment, enrolment_id)


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    # A savepoint that is rolled back gives up the locks that were taken in it; its end forgets them all, to be safe.
    if transaction.parent is None or transaction.nested:
        session.info.pop(_LOCKED, None)
