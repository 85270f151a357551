"""What a follower has handed in, requests to delete it, and the rows that go with a draft or an erased enrolment (C11)."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, delete, exists, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.erasure_states import ErasureState
from storage.repositories.exams import among
from storage.repositories.kept_files import CROP_KEY
from storage.states import CertificateState, DeliveryState, EnrolmentState
from storage.tables import (
    Base,
    Consent,
    Document,
    DoomedFile,
    Enrolment,
    EnrolmentFees,
    ErasureItem,
    ErasureRequest,
    Follower,
    OneTimeLink,
    OutboxMessage,
    Person,
    PrintedForm,
    StageRecord,
)

_IN_FORCE = (CertificateState.VALID, CertificateState.SUSPENDED)
_OPEN = (ErasureState.WAITING, ErasureState.PROPOSED, ErasureState.CONFIRMED)
_WAITS = (ErasureState.WAITING, ErasureState.PROPOSED)
#: Whatever else names an enrolment belongs to one that was handed in, and keeps it from being deleted.
_OF_A_DRAFT = (Document, Consent, PrintedForm, EnrolmentFees, OneTimeLink)


class ErasureRepository:
    """The tables `erasure_requests`, `erasure_items` and `doomed_files`, and whatever they are about."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    # ---- asking ---------------------------------------------------------------------------------------------

    async def add(
        self,
        requests: Sequence[ErasureRequest],
        items: Sequence[ErasureItem],
        *,
        restrict: Collection[UUID],
        at: datetime,
    ) -> None:
        """Keep the requests, and restrict these enrolments in the same statement as their items."""
        restricting = (
            update(Enrolment)
            .where(among(Enrolment.id, restrict), Enrolment.restricted_at.is_(None))
            .values(restricted_at=at, revision=Enrolment.revision + 1)
        )
        if not requests:
            await self.session.execute(restricting)
            return
        self.session.add_all(requests)
        await self.session.flush()
        await self.session.execute(
            insert(ErasureItem)
            .values(
                [
                    {
                        "id": item.id,
                        "request_id": item.request_id,
                        "enrolment_id": item.enrolment_id,
                        "fate": item.fate,
                        "duties": item.duties,
                        "kept_until": item.kept_until,
                        "erased_files": 0,
                    }
                    for item in items
                ]
            )
            .add_cte(restricting.cte("restricting"))
        )

    async def to_withdraw(self, follower_id: UUID) -> Sequence[Enrolment]:
        """Restricted enrolments of a follower that are still in review; locked."""
        return await self._restricted(
            follower_id, Enrolment.state.in_((EnrolmentState.IN_REVIEW, EnrolmentState.RETURNED))
        )

    async def free_admitted(self, follower_id: UUID) -> None:
        """Restrict no enrolment of theirs that was admitted meanwhile."""
        await self.session.execute(
            update(Enrolment)
            .where(
                Enrolment.follower_id == follower_id,
                Enrolment.state == EnrolmentState.ADMITTED,
                Enrolment.restricted_at.is_not(None),
            )
            .values(restricted_at=None, revision=Enrolment.revision + 1)
            .execution_options(synchronize_session=False)
        )

    async def drafts_to_erase(self, follower_id: UUID) -> Sequence[Enrolment]:
        """Restricted enrolments of a follower that were never handed in; locked."""
        return await self._restricted(
            follower_id,
            Enrolment.submitted_at.is_(None),
            Enrolment.state.in_((EnrolmentState.DRAFT, EnrolmentState.WITHDRAWN)),
        )

    async def never_handed_in(self, follower_id: UUID) -> Sequence[Enrolment]:
        """All drafts of a follower, also those that were given up; locked."""
        rows = await self.session.scalars(
            select(Enrolment)
            .where(
                Enrolment.follower_id == follower_id,
                Enrolment.submitted_at.is_(None),
                Enrolment.state.in_((EnrolmentState.DRAFT, EnrolmentState.WITHDRAWN)),
            )
            .with_for_update()
        )
        return rows.all()

    async def waiting_to_follow(self) -> Sequence[UUID]:
        """Followers with restricted drafts, or restricted enrolments still in review: a job of theirs was lost."""
        rows = await self.session.scalars(
            select(Enrolment.follower_id)
            .where(
                Enrolment.restricted_at.is_not(None),
                or_(
                    Enrolment.submitted_at.is_(None),
                    Enrolment.state.in_((EnrolmentState.IN_REVIEW, EnrolmentState.RETURNED)),
                ),
            )
            .distinct()
        )
        return rows.all()

    async def _restricted(self, follower_id: UUID, *conditions: ColumnElement[bool]) -> Sequence[Enrolment]:
        rows = await self.session.scalars(
            select(Enrolment)
            .where(Enrolment.follower_id == follower_id, Enrolment.restricted_at.is_not(None), *conditions)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return rows.all()

    # ---- requests -------------------------------------------------------------------------------------------

    async def find(self, request_id: UUID, *, for_update: bool = False) -> ErasureRequest | None:
        """One request; with `for_update` as it is when the lock is had."""
        query = select(ErasureRequest).where(ErasureRequest.id == request_id)
        if for_update:
            query = query.with_for_update().execution_options(populate_existing=True)
        return await self.session.scalar(query)

    async def find_by_number(self, number: int) -> ErasureRequest | None:
        """By the number that people read out."""
        return await self.session.scalar(select(ErasureRequest).where(ErasureRequest.number == number))

    async def page(
        self, organisation_id: UUID | None, *, open_only: bool, offset: int, limit: int
    ) -> tuple[int, Sequence[tuple[ErasureRequest, int]]]:
        """Requests with how many enrolments they are about; those that wait first, the oldest of them before."""
        wanted = [] if organisation_id is None else [ErasureRequest.organisation_id == organisation_id]
        if open_only:
            wanted.append(ErasureRequest.state.in_(_OPEN))
        total = await self.session.scalar(select(func.count()).select_from(ErasureRequest).where(*wanted))
        count = (
            select(func.count())
            .where(ErasureItem.request_id == ErasureRequest.id)
            .correlate(ErasureRequest)
            .scalar_subquery()
        )
        rows = await self.session.execute(
            select(ErasureRequest, count)
            .where(*wanted)
            .order_by(ErasureRequest.state.in_(_OPEN).desc(), ErasureRequest.number)
            .offset(offset)
            .limit(limit)
        )
        return total or 0, [(request, number) for request, number in rows]

    async def count_waiting(self, organisation_id: UUID | None) -> int:
        """Requests that staff have to decide about."""
        query = select(func.count()).select_from(ErasureRequest).where(ErasureRequest.state.in_(_WAITS))
        if organisation_id is not None:
            query = query.where(ErasureRequest.organisation_id == organisation_id)
        return await self.session.scalar(query) or 0

    async def items(self, request_id: UUID) -> Sequence[tuple[ErasureItem, Enrolment, str | None]]:
        """What a request is about, with the person's name, by enrolment number."""
        rows = await self.session.execute(
            select(ErasureItem, Enrolment, Person.name)
            .join(Enrolment, Enrolment.id == ErasureItem.enrolment_id)
            .outerjoin(Person, Person.id == Enrolment.person_id)
            .where(ErasureItem.request_id == request_id)
            .order_by(Enrolment.number)
        )
        return [(item, enrolment, name) for item, enrolment, name in rows]

    async def kept_items(self, enrolment_ids: Collection[UUID]) -> Sequence[tuple[ErasureItem, Enrolment]]:
        """Of these enrolments the restricted ones that are not erased, with the item by which that was asked for."""
        rows = await self.session.execute(
            select(ErasureItem, Enrolment)
            .join(ErasureRequest, ErasureRequest.id == ErasureItem.request_id)
            .join(Enrolment, Enrolment.id == ErasureItem.enrolment_id)
            .where(
                among(Enrolment.id, enrolment_ids),
                Enrolment.restricted_at.is_not(None),
                ErasureItem.erased_at.is_(None),
                ErasureRequest.state != ErasureState.REFUSED,
            )
            .with_for_update()
        )
        return [(item, enrolment) for item, enrolment in rows]

    async def confirmed(self) -> Sequence[UUID]:
        """Requests that were decided and are not carried out."""
        rows = await self.session.scalars(
            select(ErasureRequest.id).where(ErasureRequest.state == ErasureState.CONFIRMED)
        )
        return rows.all()

    async def free(self, request_id: UUID) -> None:
        """Restrict the enrolments of a refused request no more."""
        about = select(ErasureItem.enrolment_id).where(ErasureItem.request_id == request_id)
        await self.session.execute(
            update(Enrolment)
            .where(Enrolment.id.in_(about))
            .values(restricted_at=None, revision=Enrolment.revision + 1)
        )

    # ---- deleting -------------------------------------------------------------------------------------------

    async def drop_pictures(
        self, enrolment_ids: Collection[UUID], at: datetime, *, replaced_only: bool = False
    ) -> int:
        """Name the pictures of these enrolments no more, and doom their files; says how many pictures.

        `replaced_only`: those that were replaced before the enrolment was handed in, which nobody ever looked at.
        """
        wanted = [among(Document.enrolment_id, enrolment_ids), Document.file_key.is_not(None)]
        if replaced_only:
            wanted.append(Document.superseded_at < _first_entered(Document.enrolment_id))
        rows = (
            await self.session.execute(select(Document.id, Document.file_key, CROP_KEY).where(*wanted))
        ).all()
        await self.doom([key for _, *keys in rows for key in keys if key is not None], at)
        await self.session.execute(
            update(Document)
            .where(among(Document.id, [row[0] for row in rows]))
            .values(file_key=None, media_id="", purged_at=at)
        )
        return len(rows)

    async def doom(self, keys: Collection[str], at: datetime) -> None:
        """These files are to go; whoever is locked out of them by then reads that they are gone."""
        if keys:
            await self.session.execute(
                upsert(DoomedFile)
                .values([{"file_key": key, "doomed_at": at} for key in sorted(set(keys))])
                .on_conflict_do_nothing()
            )

    async def next_doomed(self, limit: int) -> Sequence[str]:
        """Files that are to go, the oldest first; nobody else has them."""
        rows = await self.session.scalars(
            select(DoomedFile.file_key)
            .order_by(DoomedFile.doomed_at, DoomedFile.file_key)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return rows.all()

    async def forget_doomed(self, keys: Collection[str]) -> None:
        """They are gone."""
        await self.session.execute(delete(DoomedFile).where(DoomedFile.file_key.in_(keys)))

    async def delete_drafts(self, enrolment_ids: Collection[UUID], at: datetime) -> int:
        """Delete enrolments that were never handed in, with every row that such a one can have; says how many pictures.

        Messages about them are withdrawn, and stay without the enrolment.
        """
        pictures = await self.drop_pictures(enrolment_ids, at)
        await self.session.execute(
            update(OutboxMessage)
            .where(
                among(OutboxMessage.enrolment_id, enrolment_ids), OutboxMessage.state == DeliveryState.QUEUED
            )
            .values(state=DeliveryState.WITHDRAWN, finished_at=at)
        )
        await self.session.execute(
            update(OutboxMessage)
            .where(among(OutboxMessage.enrolment_id, enrolment_ids))
            .values(enrolment_id=None, facts={})
        )
        for table in _OF_A_DRAFT:
            await self.session.execute(delete(table).where(among(table.enrolment_id, enrolment_ids)))
        await self.session.execute(delete(Enrolment).where(among(Enrolment.id, enrolment_ids)))
        return pictures

    async def forget_messages(self, enrolment_ids: Collection[UUID]) -> None:
        """Empty what messages about these enrolments said; those that wait are withdrawn."""
        theirs = among(OutboxMessage.enrolment_id, enrolment_ids)
        await self.session.execute(
            update(OutboxMessage)
            .where(theirs, OutboxMessage.state == DeliveryState.QUEUED)
            .values(state=DeliveryState.WITHDRAWN, finished_at=func.now())
        )
        await self.session.execute(update(OutboxMessage).where(theirs).values(facts={}))

    async def forget_persons(self, person_ids: Collection[UUID]) -> int:
        """Delete the persons that nothing names any more; says how many."""
        unnamed = ~exists().where(Enrolment.person_id == Follower.person_id)
        await self.session.execute(
            update(Follower).where(among(Follower.person_id, person_ids), unnamed).values(person_id=None)
        )
        table = Base.metadata.tables["persons"]
        free = [~exists().where(column == table.c.id).correlate(table) for _, column in _hanging_on(table)]
        gone = await self.session.execute(
            delete(Person).where(among(Person.id, person_ids), *free).returning(Person.id)
        )
        return len(gone.all())


def _hanging_on(parent: Table) -> Sequence[tuple[Table, Any]]:
    """Every column of another table that names a row of this one."""
    return [
        (table, key.parent)
        for table in Base.metadata.sorted_tables
        for key in sorted(table.foreign_keys, key=lambda one: one.parent.name)
        if key.column.table is parent and table is not parent
    ]


def _first_entered(enrolment_id: Any) -> Any:
    return (
        select(func.min(StageRecord.entered_at))
        .where(StageRecord.enrolment_id == enrolment_id)
        .correlate(Document)
        .scalar_subquery()
    )
