"""Every kind of file that is kept for a time: where it lies, whose it is, and how its row says that it is gone (C11)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Date, String, and_, case, cast, exists, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.authorisation_states import AuthorisationState, RequestState
from storage.repositories.exams import among
from storage.retention_states import RetainedKind
from storage.states import BlacklistState
from storage.tables import (
    CROP,
    Attachment,
    Authorisation,
    AuthorisationFile,
    AuthorisationRequest,
    BlacklistEntry,
    Card,
    CardCancellation,
    Certificate,
    ChangeRequest,
    Document,
    Organisation,
    Payment,
    PracticeRecord,
    RetentionItem,
    SupersededVoucher,
)

#: The crop that was offered for a picture, which is kept beside it.
CROP_KEY = Document.warnings["ratio_off"][CROP]["file_key"].astext


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One kind of file."""

    table: Any
    #: What names files, each a column or an expression over the row.
    keys: tuple[Any, ...]
    #: The enrolment whose file it is; None where it never has one.
    enrolment_id: Any
    #: What a row says once its files are gone, `purged_at` besides.
    cleared: Mapping[str, object] = field(default_factory=lambda: {"file_key": None})


def _of(column: Any, *conditions: Any) -> Any:
    return select(column).where(*conditions).scalar_subquery()


#: Certificates are set anew from their rows; the portrait that they need is a document.
KEPT: Final[Mapping[RetainedKind, Kept]] = {
    RetainedKind.DOCUMENT: Kept(
        table=Document,
        keys=(Document.file_key, CROP_KEY),
        enrolment_id=Document.enrolment_id,
        cleared={"file_key": None, "media_id": ""},
    ),
    RetainedKind.VOUCHER: Kept(
        table=Payment,
        keys=(Payment.voucher_key,),
        enrolment_id=Payment.enrolment_id,
        cleared={"voucher_key": None},
    ),
    RetainedKind.OLDER_VOUCHER: Kept(
        table=SupersededVoucher,
        keys=(SupersededVoucher.file_key,),
        enrolment_id=_of(Payment.enrolment_id, Payment.id == SupersededVoucher.payment_id),
    ),
    RetainedKind.PRACTICE_SHEET: Kept(
        table=PracticeRecord, keys=(PracticeRecord.file_key,), enrolment_id=PracticeRecord.enrolment_id
    ),
    RetainedKind.ATTACHMENT: Kept(
        table=Attachment,
        keys=(Attachment.file_key,),
        enrolment_id=func.coalesce(
            _of(ChangeRequest.enrolment_id, ChangeRequest.id == Attachment.change_request_id),
            _of(BlacklistEntry.enrolment_id, BlacklistEntry.id == Attachment.blacklist_entry_id),
        ),
        cleared={"file_key": None, "media_id": ""},
    ),
    RetainedKind.CANCELLATION: Kept(
        table=CardCancellation,
        keys=(CardCancellation.file_key,),
        enrolment_id=_of(Card.enrolment_id, Card.id == CardCancellation.card_id),
    ),
    RetainedKind.CERTIFICATE: Kept(
        table=Certificate,
        keys=(Certificate.pdf_key, Certificate.png_key),
        enrolment_id=Certificate.enrolment_id,
        cleared={"pdf_key": None, "png_key": None},
    ),
    RetainedKind.AUTHORISATION_PAPER: Kept(
        table=AuthorisationFile, keys=(AuthorisationFile.file_key,), enrolment_id=None
    ),
}


@dataclass(frozen=True, kw_only=True)
class FileRow:
    """A row with files that are not purged."""

    kind: RetainedKind
    subject_id: UUID
    enrolment_id: UUID


@dataclass(frozen=True, kw_only=True)
class FreeRow:
    """A row with a file that belongs to no enrolment, and the day from which its time runs."""

    kind: RetainedKind
    subject_id: UUID
    organisation_id: UUID
    ended_on: date
    #: What it is: names of an organisation and of a file, or the number of an entry.
    label: str


class KeptFileRepository:
    """The rows that name files, whatever their table."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def not_reported(self, enrolment_ids: Collection[UUID]) -> Sequence[FileRow]:
        """What these enrolments have that is on no report and not purged; also pictures that were superseded."""
        found: list[FileRow] = []
        for kind, kept in KEPT.items():
            if kept.enrolment_id is None:
                continue
            rows = await self.session.execute(
                select(kept.table.id, kept.enrolment_id).where(
                    among(kept.enrolment_id, enrolment_ids), _has_file(kind, kept), ~_reported(kind, kept)
                )
            )
            found += [
                FileRow(kind=kind, subject_id=subject_id, enrolment_id=enrolment_id)
                for subject_id, enrolment_id in rows
            ]
        return found

    async def free(self, today: date, *, subject_ids: Collection[UUID] | None = None) -> Sequence[FreeRow]:
        """What belongs to no enrolment and has come to its end; of all that is on no report, or these.

        A paper of an organisation ends when it was taken away, its authorisation ended, or its application failed;
        evidence about somebody who never enrolled with its entry.
        """
        found: list[FreeRow] = []
        for kind, subject, query in (
            (RetainedKind.AUTHORISATION_PAPER, AuthorisationFile, _papers()),
            (RetainedKind.ATTACHMENT, Attachment, _evidence(today)),
        ):
            query = query.where(_has_file(kind, KEPT[kind]))
            if subject_ids is None:
                query = query.where(~_reported(kind, KEPT[kind]))
            else:
                query = query.where(among(subject.id, subject_ids))
            found += [
                FreeRow(
                    kind=kind,
                    subject_id=subject_id,
                    organisation_id=organisation_id,
                    ended_on=ended_on,
                    label=label,
                )
                for subject_id, organisation_id, ended_on, label in await self.session.execute(query)
                if ended_on is not None and organisation_id is not None
            ]
        return found

    async def labels(self, kind: RetainedKind, subject_ids: Collection[UUID]) -> Mapping[UUID, str]:
        """What rows are that belong to no enrolment, whether their time is over or not."""
        query = _papers() if kind is RetainedKind.AUTHORISATION_PAPER else _evidence(date.max)
        rows = await self.session.execute(query.where(among(KEPT[kind].table.id, subject_ids)))
        return {subject_id: label for subject_id, _, _, label in rows}

    async def keys(self, kind: RetainedKind, subject_ids: Collection[UUID]) -> Sequence[str]:
        """Keys of all files that these rows name."""
        kept = KEPT[kind]
        rows = await self.session.execute(select(*kept.keys).where(among(kept.table.id, subject_ids)))
        return [key for row in rows for key in row if key is not None]

    async def mark_purged(self, kind: RetainedKind, subject_ids: Collection[UUID], at: datetime) -> None:
        """The files are gone: the rows say so, and stay."""
        kept = KEPT[kind]
        await self.session.execute(
            update(kept.table)
            .where(among(kept.table.id, subject_ids))
            .values(**kept.cleared, purged_at=at)
            .execution_options(synchronize_session=False)
        )


def _has_file(kind: RetainedKind, kept: Kept) -> Any:
    """A certificate without files may get them again, until it is purged."""
    if kind is RetainedKind.CERTIFICATE:
        return Certificate.purged_at.is_(None)
    return kept.keys[0].is_not(None)


def _reported(kind: RetainedKind, kept: Kept) -> Any:
    return exists().where(RetentionItem.kind == kind, RetentionItem.subject_id == kept.table.id)


def _day(moment: Any) -> Any:
    return cast(func.timezone("Asia/Shanghai", moment), Date)


def _papers() -> Any:
    """Papers of organisations; whoever authorises them has the report, for an ended sub-centre has nobody any more."""
    theirs = Authorisation.organisation_id == AuthorisationFile.organisation_id
    stands = exists().where(theirs, Authorisation.state != AuthorisationState.ENDED)
    ended = _of(func.max(Authorisation.ended_on), theirs)
    failed = AuthorisationRequest.state.in_((RequestState.RETURNED, RequestState.FAILED))
    society = func.coalesce(
        AuthorisationRequest.society_id,
        select(Authorisation.society_id)
        .where(theirs)
        .order_by(Authorisation.created_at.desc())
        .limit(1)
        .scalar_subquery(),
    )
    return (
        select(
            AuthorisationFile.id,
            society,
            case(
                (AuthorisationFile.removed_at.is_not(None), _day(AuthorisationFile.removed_at)),
                (stands, None),
                (ended.is_not(None), ended),
                (failed, _day(AuthorisationRequest.paper_at)),
                else_=None,
            ),
            Organisation.name.concat(" · ").concat(AuthorisationFile.filename),
        )
        .join(Organisation, Organisation.id == AuthorisationFile.organisation_id)
        .outerjoin(AuthorisationRequest, AuthorisationRequest.id == AuthorisationFile.request_id)
    )


def _evidence(today: date) -> Any:
    return (
        select(
            Attachment.id,
            BlacklistEntry.organisation_id,
            case(
                (BlacklistEntry.state == BlacklistState.DISMISSED, _day(BlacklistEntry.decided_at)),
                (BlacklistEntry.state == BlacklistState.LIFTED, _day(BlacklistEntry.lifted_at)),
                (
                    and_(BlacklistEntry.state == BlacklistState.CONFIRMED, BlacklistEntry.last_on < today),
                    BlacklistEntry.last_on,
                ),
                else_=None,
            ),
            literal("黑名单 ").concat(cast(BlacklistEntry.number, String)),
        )
        .join(BlacklistEntry, BlacklistEntry.id == Attachment.blacklist_entry_id)
        .where(BlacklistEntry.enrolment_id.is_(None))
    )
