"""Enrolments with their documents and consents."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Select, String, cast, func, inspect, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager
from sqlalchemy.orm.attributes import flag_modified, set_committed_value

from storage.locks import find_locked, note_locked
from storage.repositories.review_stages import visible_to, waiting_at
from storage.states import DocumentState, EnrolmentState
from storage.tables import CROP, AuditEntry, Consent, ConsentText, Document, Enrolment, Person

#: The applicant may change it.
OPEN = (EnrolmentState.DRAFT, EnrolmentState.RETURNED)
RUNNING = (EnrolmentState.IN_REVIEW, EnrolmentState.RETURNED, EnrolmentState.ADMITTED)


class QueueScope(StrEnum):
    """Which of the enrolments that an organisation may see."""

    HERE = "here"  #: waiting to be decided by it
    ALL = "all"
    OVERDUE = "overdue"  #: waiting anywhere, and longer than their time node


@dataclass(frozen=True, kw_only=True)
class QueueFilter:
    """What the queue shows; None and empty mean all."""

    organisation_id: UUID | None
    scope: QueueScope = QueueScope.ALL
    #: For `OVERDUE`: whose time node was over then.
    now: datetime | None = None
    states: Collection[str] = ()
    scheme_id: str | None = None
    query: str = ""
    class_id: UUID | None = None


class EnrolmentRepository:
    """The tables `enrolments`, `documents`, `consents`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def get(self, enrolment_id: UUID, *, for_update: bool = False) -> Enrolment:
        """The enrolment. Raises sqlalchemy.exc.NoResultFound."""
        found = await self.find(enrolment_id, for_update=for_update)
        if found is None:
            raise NoResultFound(f"no enrolment {enrolment_id}")
        return found

    async def find(self, enrolment_id: UUID, *, for_update: bool = False) -> Enrolment | None:
        """The enrolment, if there is one; with `for_update` as it is when the lock is had."""
        if not for_update:
            return await self.session.get(Enrolment, enrolment_id)
        if (locked := find_locked(self.session, Enrolment, enrolment_id)) is not None:
            return locked
        # Not `get`: it takes a row that changed since it was first read for a conflict.
        found = await self.session.scalar(
            select(Enrolment)
            .where(Enrolment.id == enrolment_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return note_locked(self.session, found, found.id) if found is not None else None

    async def find_with_documents(self, enrolment_id: UUID, *, for_update: bool = False) -> Enrolment | None:
        """The enrolment with its `documents`; no statement when it was read (or locked) with them before."""
        known = (
            find_locked(self.session, Enrolment, enrolment_id)
            if for_update
            else self.session.identity_map.get(self.session.identity_key(Enrolment, enrolment_id))
        )
        if known is not None and "documents" not in inspect(known).unloaded:
            return known
        return await self._one_with_documents(Enrolment.id == enrolment_id, for_update=for_update)

    async def find_open(
        self, follower_id: UUID, *, rather: UUID | None, for_update: bool = False
    ) -> Enrolment | None:
        """What the follower may change: `rather`, when it is theirs and open, else what they changed last.

        With its `documents`. With `for_update` as it is when the lock is had: look at its state again.
        """
        newest = (
            select(Enrolment.id)
            .where(Enrolment.follower_id == follower_id, Enrolment.state.in_(OPEN), ~_being_erased())
            .order_by(
                Enrolment.id.is_not_distinct_from(rather).desc(),
                Enrolment.last_activity_at.desc(),
                Enrolment.number.desc(),
            )
            .limit(1)
        )
        return await self._one_with_documents(Enrolment.id == newest.scalar_subquery(), for_update=for_update)

    def add_draft(self, enrolment: Enrolment) -> None:
        """A new one, without documents; written with the next flush."""
        self.session.add(enrolment)
        set_committed_value(enrolment, "documents", [])

    async def add_document(self, enrolment: Enrolment, document: Document) -> None:
        """The current document in its place from now on: the one before it is superseded, not overwritten."""
        kept = []
        for other in enrolment.documents:
            if (other.material_key, other.ordinal) == (document.material_key, document.ordinal):
                other.superseded_at = document.created_at
            else:
                kept.append(other)
        # Two current ones, even for a moment, are one too many for the index.
        await self.session.flush()
        self.session.add(document)
        set_committed_value(enrolment, "documents", [*kept, document])

    def leave_out(self, enrolment: Enrolment, documents: Collection[Document], *, at: datetime) -> None:
        """These are no current documents any more; they are kept."""
        for document in documents:
            document.superseded_at = at
        kept = [other for other in enrolment.documents if other not in documents]
        set_committed_value(enrolment, "documents", kept)

    @staticmethod
    def touch(enrolment: Enrolment) -> None:
        """Count a change that is kept beside the row, so that a page of before it is noticed as outdated."""
        flag_modified(enrolment, "stage")

    async def ids_under_way(self, person_id: UUID, scheme_ids: Collection[str]) -> Sequence[UUID]:
        """A person's enrolments in these schemes that were submitted and are not at an end, by number."""
        rows = await self.session.scalars(
            select(Enrolment.id)
            .where(
                Enrolment.person_id == person_id,
                Enrolment.scheme_id.in_(scheme_ids),
                Enrolment.state.in_(
                    (EnrolmentState.RETURNED, EnrolmentState.IN_REVIEW, EnrolmentState.ADMITTED)
                ),
            )
            .order_by(Enrolment.number)
        )
        return rows.all()

    async def find_by_number(self, number: int) -> Enrolment | None:
        """By the running number that people read out."""
        return await self.session.scalar(select(Enrolment).where(Enrolment.number == number))

    async def find_draft(self, follower_id: UUID, scheme_id: str) -> Enrolment | None:
        """The follower's draft in a scheme, with its `documents`."""
        return await self._one_with_documents(
            Enrolment.follower_id == follower_id,
            Enrolment.scheme_id == scheme_id,
            Enrolment.state == EnrolmentState.DRAFT,
        )

    async def list_of_follower(self, follower_id: UUID) -> Sequence[Enrolment]:
        """All of a follower's enrolments with their `documents`, the newest activity first."""
        rows = await self.session.scalars(
            _with_documents()
            .where(Enrolment.follower_id == follower_id, ~_being_erased())
            .order_by(Enrolment.last_activity_at.desc(), Enrolment.number.desc())
        )
        return rows.unique().all()

    async def documents(self, enrolment_id: UUID) -> Sequence[Document]:
        """The current documents of an enrolment, as they are now."""
        rows = await self.session.scalars(
            select(Document).where(Document.enrolment_id == enrolment_id, Document.superseded_at.is_(None))
        )
        return rows.all()

    async def add_consent(
        self, enrolment_id: UUID, key: str, *, sha256: str, title: str, text: str, agreed_at: datetime
    ) -> None:
        """Keep a consent and, once for all, its text. Again: no change."""
        kept_text = (
            insert(ConsentText)
            .values(sha256=sha256, title=title, text=text)
            .on_conflict_do_nothing()
            .cte("kept_text")
        )
        await self.session.execute(
            insert(Consent)
            .values(
                id=uuid4(), enrolment_id=enrolment_id, consent_key=key, sha256=sha256, agreed_at=agreed_at
            )
            .on_conflict_do_update(
                index_elements=["enrolment_id", "consent_key"],
                set_={"sha256": sha256, "agreed_at": agreed_at},
            )
            .add_cte(kept_text)
        )

    async def get_document(self, document_id: UUID, *, for_update: bool = False) -> Document:
        """One document. Raises sqlalchemy.exc.NoResultFound."""
        return await self.session.get_one(
            Document, document_id, with_for_update=for_update or None, populate_existing=for_update
        )

    async def find_document(self, document_id: UUID) -> Document | None:
        """One document, if there is one."""
        return await self.session.get(Document, document_id)

    async def find_crop(self, follower_id: UUID) -> tuple[Document, Enrolment] | None:
        """The newest picture of a follower's open enrolments for which a crop is offered, both locked."""
        rows = await self.session.execute(
            select(Document, Enrolment)
            .join(Enrolment, Enrolment.id == Document.enrolment_id)
            .where(
                Enrolment.follower_id == follower_id,
                Enrolment.state.in_((EnrolmentState.DRAFT, EnrolmentState.RETURNED)),
                Document.superseded_at.is_(None),
                Document.state == DocumentState.UPLOADED,
                Document.warnings["ratio_off"].has_key(CROP),
            )
            .order_by(Document.created_at.desc())
            .limit(1)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        found = rows.one_or_none()
        return (found[0], found[1]) if found is not None else None

    async def find_same_picture(
        self, pixels_sha256: str, *, person_id: UUID | None, other_than: UUID
    ) -> UUID | None:
        """An enrolment, of somebody else, that holds the very same picture."""
        return await self.session.scalar(
            select(Document.enrolment_id)
            .join(Enrolment, Enrolment.id == Document.enrolment_id)
            .where(
                Document.pixels_sha256 == pixels_sha256,
                Document.enrolment_id != other_than,
                or_(Enrolment.person_id.is_(None), Enrolment.person_id != person_id),
            )
            .limit(1)
        )

    async def consents(self, enrolment_id: UUID) -> Sequence[tuple[Consent, ConsentText]]:
        """What was agreed to, with the texts."""
        rows = await self.session.execute(
            select(Consent, ConsentText)
            .join(ConsentText, ConsentText.sha256 == Consent.sha256)
            .where(Consent.enrolment_id == enrolment_id)
        )
        return [(consent, text) for consent, text in rows]

    async def page(
        self, wanted: QueueFilter, *, offset: int, limit: int
    ) -> tuple[int, Sequence[tuple[Enrolment, Person]]]:
        """One page of submitted enrolments with their persons, the longest waiting first, and how many there are."""
        query = _queue(wanted)
        total = await self.session.scalar(select(func.count()).select_from(query.subquery()))
        rows = await self.session.execute(
            query.order_by(Enrolment.submitted_at, Enrolment.number).offset(offset).limit(limit)
        )
        return total or 0, [(enrolment, person) for enrolment, person in rows]

    async def list_queue(self, wanted: QueueFilter, *, limit: int) -> Sequence[Enrolment]:
        """The same enrolments as `page`, in the same order, the first `limit` of them: one statement."""
        rows = await self.session.execute(
            _queue(wanted).order_by(Enrolment.submitted_at, Enrolment.number).limit(limit)
        )
        return [enrolment for enrolment, _ in rows]

    async def history(self, enrolment_id: UUID) -> Sequence[AuditEntry]:
        """Everything the audit log says about an enrolment, the newest first."""
        rows = await self.session.scalars(
            select(AuditEntry)
            .where(AuditEntry.subject_kind == "enrolment", AuditEntry.subject_id == str(enrolment_id))
            .order_by(AuditEntry.id.desc())
        )
        return rows.all()

    async def _one_with_documents(
        self, *conditions: ColumnElement[bool], for_update: bool = False
    ) -> Enrolment | None:
        query = _with_documents().where(*conditions)
        if for_update:
            # Who waits here for the lock sees the documents as they were before the wait. That does no harm: only their
            # applicant adds any, one message after another, and what staff refuse is in `returned`, too.
            query = query.with_for_update(of=Enrolment).execution_options(populate_existing=True)
        found = (await self.session.scalars(query)).unique().one_or_none()
        return note_locked(self.session, found, found.id) if found is not None and for_update else found


def _being_erased() -> ColumnElement[bool]:
    """A draft whose deletion was asked for: its applicant sees it no more, and a job deletes it (C11)."""
    return (Enrolment.state == EnrolmentState.DRAFT) & Enrolment.restricted_at.is_not(None)


def _with_documents() -> Select[Enrolment]:
    return select(Enrolment).outerjoin(Enrolment.documents).options(contains_eager(Enrolment.documents))


def _queue(wanted: QueueFilter) -> Select[Enrolment, Person]:
    query = (
        select(Enrolment, Person)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.restricted_at.is_(None))
    )
    if wanted.organisation_id is not None:
        query = query.where(visible_to(wanted.organisation_id))
    if wanted.scope is QueueScope.HERE:
        query = query.where(waiting_at(wanted.organisation_id))
    if wanted.scope is QueueScope.OVERDUE:
        query = query.where(waiting_at(None, overdue_since=wanted.now))
    if wanted.states:
        query = query.where(Enrolment.state.in_(wanted.states))
    if wanted.scheme_id:
        query = query.where(Enrolment.scheme_id == wanted.scheme_id)
    if wanted.class_id is not None:
        query = query.where(Enrolment.class_id == wanted.class_id)
    if wanted.query:
        query = query.where(
            or_(
                Person.name.contains(wanted.query, autoescape=True),
                cast(Enrolment.number, String).startswith(wanted.query, autoescape=True),
            )
        )
    return query
