"""Certificates, their numbers, what they are issued upon, and look-ups by strangers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from storage.repositories.restricted import not_restricted
from storage.repositories.study import practice_hours
from storage.states import CertificateState, ResultState
from storage.tables import (
    Certificate,
    CertificateLookup,
    CourseClass,
    Enrolment,
    NumberSequence,
    Organisation,
    Person,
    Result,
    StudyRecord,
    VoidCopy,
)

STANDING = (CertificateState.VALID, CertificateState.SUSPENDED)


@dataclass(frozen=True, kw_only=True)
class CertificateFilter:
    """What a list shows; None and empty mean all."""

    organisation_id: UUID | None
    state: str | None = None
    scheme_id: str | None = None
    query: str = ""


@dataclass(frozen=True, kw_only=True)
class PublicRow:
    """A certificate with what its public page names besides."""

    certificate: Certificate
    organisation: str
    replaced_by: str | None


@dataclass(frozen=True, kw_only=True)
class StudiedHours:
    """The study records of one enrolment in sum; the days are None when no record has one."""

    hours: Decimal
    #: Those of practice among them (C8).
    practice: Decimal
    first_on: date | None
    last_on: date | None


class CertificateRepository:
    """The tables `certificates` and `number_sequences`, and the results and hours that papers rest upon."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def get(self, certificate_id: UUID) -> Certificate:
        """The certificate. Raises sqlalchemy.exc.NoResultFound."""
        return await self.session.get_one(Certificate, certificate_id)

    async def find(self, certificate_id: UUID, *, for_update: bool = False) -> Certificate | None:
        """The certificate, if there is one."""
        return await self.session.get(
            Certificate, certificate_id, with_for_update=for_update or None, populate_existing=for_update
        )

    async def find_standing(self, enrolment_id: UUID, kind_key: str) -> Certificate | None:
        """The valid or suspended certificate of this kind."""
        return await self.session.scalar(
            select(Certificate).where(
                Certificate.enrolment_id == enrolment_id,
                Certificate.kind_key == kind_key,
                Certificate.state.in_(STANDING),
            )
        )

    async def find_public(
        self, *, digests: Sequence[bytes] = (), number: str | None = None
    ) -> PublicRow | None:
        """By a token's digests (one for each secret key) or by number: one statement, found or not.

        The token of a card's earlier copy finds the card: its own is another one then.
        """
        successor = aliased(Certificate)
        query = (
            select(Certificate, Organisation.name, successor.number)
            .join(Organisation, Organisation.id == Certificate.organisation_id)
            .outerjoin(successor, successor.id == Certificate.replaced_by_id)
        )
        if number is not None:
            query = query.where(Certificate.number == number)
        else:
            void = select(VoidCopy.certificate_id).where(VoidCopy.token_digest.in_(digests))
            query = query.where(or_(Certificate.token_digest.in_(digests), Certificate.id.in_(void)))
        row = (await self.session.execute(query)).one_or_none()
        if row is None:
            return None
        certificate, organisation, replaced_by = row
        return PublicRow(certificate=certificate, organisation=organisation, replaced_by=replaced_by)

    async def list_of_enrolment(self, enrolment_id: UUID) -> Sequence[Certificate]:
        """All certificates of an enrolment, the newest first."""
        rows = await self.session.scalars(
            select(Certificate)
            .where(Certificate.enrolment_id == enrolment_id)
            .order_by(Certificate.created_at.desc(), Certificate.number.desc())
        )
        return rows.all()

    async def list_of_follower(self, follower_id: UUID) -> Sequence[Certificate]:
        """All certificates from a follower's enrolments, the newest first."""
        rows = await self.session.scalars(
            select(Certificate)
            .join(Enrolment, Enrolment.id == Certificate.enrolment_id)
            .where(Enrolment.follower_id == follower_id)
            .order_by(Certificate.created_at.desc(), Certificate.number.desc())
        )
        return rows.all()

    async def list_revoked(self, *, limit: int, not_of_kind: str) -> Sequence[PublicRow]:
        """The revoked ones but those of a kind, the latest revocation first (B8)."""
        rows = await self.session.execute(
            select(Certificate, Organisation.name)
            .join(Organisation, Organisation.id == Certificate.organisation_id)
            .where(Certificate.state == CertificateState.REVOKED, Certificate.kind_key != not_of_kind)
            .order_by(Certificate.state_changed_at.desc(), Certificate.number)
            .limit(limit)
        )
        return [
            PublicRow(certificate=certificate, organisation=organisation, replaced_by=None)
            for certificate, organisation in rows
        ]

    async def list_suspended(self, certificate_ids: Collection[UUID]) -> set[UUID]:
        """Which of these are suspended."""
        rows = await self.session.scalars(
            select(Certificate.id).where(
                Certificate.id.in_(certificate_ids), Certificate.state == CertificateState.SUSPENDED
            )
        )
        return set(rows)

    async def page(
        self, wanted: CertificateFilter, *, offset: int, limit: int
    ) -> tuple[int, Sequence[Certificate]]:
        """One page, the newest first, and how many there are in all."""
        query = _filtered(wanted)
        total = await self.session.scalar(select(func.count()).select_from(query.subquery()))
        rows = await self.session.scalars(
            query.order_by(Certificate.created_at.desc(), Certificate.number.desc())
            .offset(offset)
            .limit(limit)
        )
        return total or 0, rows.all()

    async def add(self, row: Certificate) -> None:
        """Written at once. Raises sqlalchemy.exc.IntegrityError when one of this kind stands already."""
        self.session.add(row)
        await self.session.flush()

    async def next_in_sequence(self, prefix: str, year: int) -> int:
        """The next number of this prefix and year, from 1; taken only if the transaction commits, so none is lost."""
        last: int | None = await self.session.scalar(
            insert(NumberSequence)
            .values(prefix=prefix, year=year, last=1)
            .on_conflict_do_update(index_elements=["prefix", "year"], set_={"last": NumberSequence.last + 1})
            .returning(NumberSequence.last)
        )
        if last is None:
            raise RuntimeError("an upsert returned nothing")
        return last

    async def find_published_result(self, enrolment_id: UUID) -> Result | None:
        """The result that the person has been told."""
        return await self.session.scalar(
            select(Result).where(Result.enrolment_id == enrolment_id, Result.state == ResultState.PUBLISHED)
        )

    async def list_passed(self, sitting_id: UUID) -> Sequence[tuple[Enrolment, tuple[str, ...]]]:
        """Enrolments that passed a sitting, by number, with the kinds of every paper they were ever given."""
        kinds = func.coalesce(
            func.array_agg(Certificate.kind_key).filter(Certificate.id.is_not(None)), text("'{}'")
        )
        rows = await self.session.execute(
            select(Enrolment, kinds)
            .join(Result, Result.enrolment_id == Enrolment.id)
            .outerjoin(Certificate, Certificate.enrolment_id == Enrolment.id)
            .where(
                Result.sitting_id == sitting_id,
                Result.state == ResultState.PUBLISHED,
                Result.passed.is_(True),
            )
            .group_by(Enrolment.id)
            .order_by(Enrolment.number)
        )
        return [(enrolment, tuple(keys)) for enrolment, keys in rows]

    async def studied_hours(self, enrolment_id: UUID) -> StudiedHours:
        """The sum of an enrolment's study records, with the first and the last day."""
        row = (
            await self.session.execute(
                select(
                    func.coalesce(func.sum(StudyRecord.hours), 0),
                    practice_hours(),
                    func.min(StudyRecord.studied_on),
                    func.max(StudyRecord.studied_on),
                ).where(StudyRecord.enrolment_id == enrolment_id)
            )
        ).one()
        hours, practice, first_on, last_on = row
        return StudiedHours(
            hours=Decimal(hours), practice=Decimal(practice), first_on=first_on, last_on=last_on
        )

    async def find_class(self, class_id: UUID) -> CourseClass | None:
        """The class that an enrolment is in."""
        return await self.session.get(CourseClass, class_id)

    async def organisation_name(self, organisation_id: UUID) -> str:
        """What the organisation is called. Raises sqlalchemy.exc.NoResultFound."""
        return (await self.session.get_one(Organisation, organisation_id)).name


class LookupRepository:
    """The table `certificate_lookups`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def wait_for_turn(self, key: int) -> None:
        """One look-up of a source at a time, until the transaction ends. `key` is a signed 64-bit number."""
        await self.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})

    async def count_failures(self, digests: Sequence[bytes], *, since: datetime) -> int:
        """How often this source (its digest under each secret key) found nothing after `since`."""
        count = await self.session.scalar(
            select(func.count())
            .select_from(CertificateLookup)
            .where(
                CertificateLookup.source_digest.in_(digests),
                CertificateLookup.at > since,
                CertificateLookup.found.is_(False),
            )
        )
        return count or 0

    async def failures_by_source(self, digests: Sequence[bytes], *, since: datetime) -> dict[bytes, int]:
        """`count_failures` of several sources, each by its digest; those without any are left out."""
        rows = await self.session.execute(
            select(CertificateLookup.source_digest, func.count())
            .where(
                CertificateLookup.source_digest.in_(digests),
                CertificateLookup.at > since,
                CertificateLookup.found.is_(False),
            )
            .group_by(CertificateLookup.source_digest)
        )
        return {digest: count for digest, count in rows}  # noqa: C416 - mypy knows no pairs in dict(rows)

    async def add(self, *, source_digest: bytes, at: datetime, found: bool) -> None:
        """Keep one look-up."""
        self.session.add(CertificateLookup(source_digest=source_digest, at=at, found=found))
        await self.session.flush()


def _filtered(wanted: CertificateFilter) -> Select[Certificate]:
    # Whoever types the whole number has it from the paper, and may have to revoke it.
    listed = not_restricted(Certificate.enrolment_id)
    query = select(Certificate).where(or_(listed, Certificate.number == wanted.query.strip().upper()))
    if wanted.organisation_id is not None:
        query = query.where(Certificate.organisation_id == wanted.organisation_id)
    if wanted.state:
        query = query.where(Certificate.state == wanted.state)
    if wanted.scheme_id:
        query = query.where(Certificate.scheme_id == wanted.scheme_id)
    if wanted.query:
        query = query.join(Person, Person.id == Certificate.person_id).where(
            or_(
                Certificate.number.contains(wanted.query.upper(), autoescape=True),
                Person.name.contains(wanted.query, autoescape=True),
            )
        )
    return query
