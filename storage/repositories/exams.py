"""Sittings; their seats are in `storage.repositories.seats`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Uuid,
    any_,
    cast,
    exists,
    func,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncSession

from storage.locks import lock_with_enrolment
from storage.repositories.study import practice_hours
from storage.states import EnrolmentState, SeatState, SittingState
from storage.tables import Enrolment, Seat, Sitting, StudyRecord

#: Seats that have a number.
OCCUPYING = (SeatState.BOOKED, SeatState.CHECKED_IN, SeatState.SAT, SeatState.ABSENT)
#: Any number that only this program uses for this lock.
_CODES_LOCK = 7_320_001


@dataclass(frozen=True, kw_only=True)
class ReadyRow:
    """An admitted enrolment without a seat, or with one of a sitting that it missed, with the sum of its accepted hours."""

    enrolment_id: UUID
    follower_id: UUID
    scheme_ref: str
    hours: Decimal
    #: Those of practice among them (C8).
    practice: Decimal
    #: Has the seat of a sitting at which they were absent.
    absent: bool


class SittingRepository:
    """The table `sittings`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def find(self, sitting_id: UUID, *, for_update: bool = False) -> Sitting | None:
        """The sitting. Whoever locks it and an enrolment locks the sitting first."""
        return await self.session.get(
            Sitting, sitting_id, with_for_update=for_update or None, populate_existing=for_update
        )

    async def lock_to_book(self, sitting_id: UUID, enrolment_id: UUID) -> tuple[Sitting, Enrolment] | None:
        """Lock the sitting, and after it the enrolment; None unless there are both."""
        return await lock_with_enrolment(self.session, Sitting, Sitting.id == sitting_id, enrolment_id)

    async def lock_to_release(self, enrolment_id: UUID) -> tuple[Sitting, Enrolment] | None:
        """Lock the sitting in which the enrolment has a live seat, and after it the enrolment; None without a seat.

        Look at the seat again: it may have been given back while this waited.
        """
        where = select(Seat.sitting_id).where(Seat.enrolment_id == enrolment_id, Seat.state != SeatState.VOID)
        return await lock_with_enrolment(
            self.session, Sitting, Sitting.id == where.scalar_subquery(), enrolment_id
        )

    async def find_by_code(self, code: str, *, for_update: bool = False) -> Sitting | None:
        """The sitting of this code."""
        query = select(Sitting).where(Sitting.code == code)
        if for_update:
            query = query.with_for_update().execution_options(populate_existing=True)
        return await self.session.scalar(query)

    async def find_same(self, row: Sitting) -> Sitting | None:
        """An open sitting of the same scheme and organisation, at the same time and place."""
        return await self.session.scalar(
            select(Sitting).where(
                Sitting.organisation_id == row.organisation_id,
                Sitting.scheme_id == row.scheme_id,
                Sitting.starts_at == row.starts_at,
                Sitting.place == row.place,
                Sitting.state == SittingState.OPEN,
            )
        )

    async def add(self, row: Sitting) -> None:
        """Written at once."""
        self.session.add(row)
        await self.session.flush()

    async def next_serial(self, prefix: str) -> int:
        """The number after the highest of the codes `prefix` + digits; held until the transaction's end."""
        await self.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CODES_LOCK})
        digits = func.substr(Sitting.code, len(prefix) + 1)
        highest = await self.session.scalar(
            select(func.max(cast(digits, Integer))).where(
                Sitting.code.startswith(prefix, autoescape=True), digits.regexp_match("^[0-9]{1,8}$")
            )
        )
        return (highest or 0) + 1

    async def list_with_counts(
        self,
        *,
        sitting_id: UUID | None = None,
        organisation_id: UUID | None = None,
        scheme_id: str | None = None,
        open_after: datetime | None = None,
    ) -> Sequence[tuple[Sitting, int, int]]:
        """Sittings with how many seats are taken and how many wait, the earliest first; None means all.

        `open_after`: only open ones that start after this moment.
        """
        query = (
            select(
                Sitting,
                func.count(Seat.id).filter(Seat.state.in_(OCCUPYING)),
                func.count(Seat.id).filter(Seat.state == SeatState.WAITLISTED),
            )
            .outerjoin(Seat, Seat.sitting_id == Sitting.id)
            .group_by(Sitting.id)
            .order_by(Sitting.starts_at, Sitting.code)
        )
        if sitting_id is not None:
            query = query.where(Sitting.id == sitting_id)
        if organisation_id is not None:
            query = query.where(Sitting.organisation_id == organisation_id)
        if scheme_id is not None:
            query = query.where(Sitting.scheme_id == scheme_id)
        if open_after is not None:
            query = query.where(Sitting.state == SittingState.OPEN, Sitting.starts_at > open_after)
        return list(await self.session.execute(query))

    async def list_ready(self, organisation_id: UUID, scheme_id: str) -> Sequence[ReadyRow]:
        """Admitted enrolments of a scheme that have no seat or were absent, with their hours, whether met or not."""
        absent = exists().where(Seat.enrolment_id == Enrolment.id, Seat.state == SeatState.ABSENT)
        rows = await self.session.execute(
            select(
                Enrolment.id,
                Enrolment.follower_id,
                Enrolment.scheme_version,
                func.coalesce(func.sum(StudyRecord.hours), 0),
                practice_hours(),
                absent,
            )
            .outerjoin(StudyRecord, StudyRecord.enrolment_id == Enrolment.id)
            .where(
                Enrolment.trained_by == organisation_id,
                Enrolment.scheme_id == scheme_id,
                Enrolment.state == EnrolmentState.ADMITTED,
                ~exists().where(
                    Seat.enrolment_id == Enrolment.id, Seat.state.not_in((SeatState.VOID, SeatState.ABSENT))
                ),
            )
            .group_by(Enrolment.id)
            .order_by(Enrolment.number)
        )
        return [
            ReadyRow(
                enrolment_id=enrolment_id,
                follower_id=follower_id,
                scheme_ref=f"{scheme_id}@{version}",
                hours=Decimal(hours),
                practice=Decimal(practice),
                absent=was_absent,
            )
            for enrolment_id, follower_id, version, hours, practice, was_absent in rows
        ]


def among(column: Any, ids: Collection[UUID]) -> ColumnElement[bool]:
    """`column` is one of `ids`: one parameter however many."""
    condition: ColumnElement[bool] = column == any_(cast(list(ids), ARRAY(Uuid)))
    return condition
