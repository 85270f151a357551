"""Enrolments that ended long ago, and reports of them."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from services.changes import sealing
from services.models import EnrolmentState
from services.retention import report_due
from services.unit_of_work import Tools, Work
from storage.retention_states import RetainedKind
from storage.tables import (
    Attachment,
    AuthorisationFile,
    AuthorisationRequest,
    Card,
    CardCancellation,
    ChangeRequest,
    ClassDay,
    Enrolment,
    Organisation,
    Payment,
    PracticeRecord,
    RetentionReport,
    SupersededVoucher,
)
from tests import certificate_rows, factories

#: Its material is due on 2026-11-20, the day before the tests' clock.
LONG_AGO = datetime(2016, 11, 20, 2, 0, tzinfo=UTC)


async def ended(work: Work, organisation: Organisation, at: datetime = LONG_AGO, **wanted: Any) -> Enrolment:
    """A refused enrolment with one picture, decided at this moment."""
    wanted.setdefault("state", EnrolmentState.REJECTED)
    row = await certificate_rows.enrolled(work, organisation, **wanted)
    row.decided_at = row.last_activity_at = at
    await work.session.flush()
    return row


async def reported(work: Work) -> RetentionReport:
    """What is due now, on a report."""
    await report_due(work)
    report = await work.session.scalar(
        select(RetentionReport).order_by(RetentionReport.number.desc()).limit(1)
    )
    assert report is not None
    return report


async def one_of_each(tools: Tools) -> dict[str, UUID]:
    """A report, for whoever types the addresses of another organisation."""
    async with tools.unit_of_work() as work:
        await ended(work, await factories.organisation(work, "早年的机构"))
        return {"retention": (await reported(work)).id}


async def one_file_of_each_kind(work: Work, row: Enrolment, society: Organisation) -> dict[str, str]:
    """Kind → file key: everything besides pictures and papers that can lie beside an enrolment, and a sub-centre's paper."""
    keys = {
        kind: f"kept/{kind.value.replace('_', '-')}"
        for kind in RetainedKind
        if kind not in (RetainedKind.DOCUMENT, RetainedKind.CERTIFICATE)
    }
    for key in keys.values():
        await work.tools.files.put(key, b"kept")
    organisation = await work.session.get_one(Organisation, row.organisation_id)
    course = await factories.course_class(work, organisation=organisation)
    payment = Payment(
        id=uuid4(), enrolment_id=row.id, fee_key="verification", amount_fen=18000, state="confirmed",
        voucher_key=keys[RetainedKind.VOUCHER], created_at=LONG_AGO,
    )  # fmt: skip
    day = ClassDay(
        id=uuid4(), class_id=course.id, code="x", kind="practice", title="实操", starts_at=LONG_AGO,
        ends_at=LONG_AGO, hours=Decimal(4), early_minutes=30, created_at=LONG_AGO,
    )  # fmt: skip
    change_id = uuid4()
    change = ChangeRequest(
        id=change_id,
        enrolment_id=row.id,
        field_key="name",
        kind="b",
        state="approved",
        old_cipher=sealing.seal(work, change_id, "old", "王小朋"),
        new_cipher=sealing.seal(work, change_id, "new", "王小明"),
        filed_by="applicant",
        created_at=LONG_AGO,
    )
    assert row.person_id
    card = Card(
        id=uuid4(), enrolment_id=row.id, person_id=row.person_id, scheme_id=row.scheme_id,
        scheme_version=row.scheme_version, family="examiner", state="cancelled", made_by_id=organisation.id,
        numbered_by_id=organisation.id, reported_at=LONG_AGO, created_at=LONG_AGO,
    )  # fmt: skip
    work.session.add_all([payment, day, change, card])
    await work.session.flush()
    work.session.add_all(
        [
            SupersededVoucher(
                payment_id=payment.id, file_key=keys[RetainedKind.OLDER_VOUCHER], superseded_at=LONG_AGO
            ),
            PracticeRecord(
                class_day_id=day.id, enrolment_id=row.id, instrument="千分尺", process="测量", result="合格",
                recorded_by_name="李老师", file_key=keys[RetainedKind.PRACTICE_SHEET],
                media_type="image/jpeg", created_at=LONG_AGO,
            ),
            Attachment(
                change_request_id=change.id, role="proof", state="kept", refusal={}, created_at=LONG_AGO,
                file_key=keys[RetainedKind.ATTACHMENT], media_type="image/jpeg",
            ),
            CardCancellation(
                card_id=card.id, person_id=row.person_id, family="examiner", organisation_id=organisation.id,
                for_ever=False, state="confirmed", reason="违规", evidence="通报", proposed_by="1",
                proposed_by_name="甲", proposed_at=LONG_AGO, file_key=keys[RetainedKind.CANCELLATION],
                media_type="application/pdf",
            ),
            AuthorisationFile(
                organisation_id=organisation.id, request_id=await _request(work, organisation, society),
                kind="rules", filename="制度.pdf", media_type="application/pdf", size=4, sha256="",
                file_key=keys[RetainedKind.AUTHORISATION_PAPER], removed_at=LONG_AGO, created_at=LONG_AGO,
            ),
        ]
    )  # fmt: skip
    await work.session.flush()
    return {kind.value: key for kind, key in keys.items()}


async def _request(work: Work, organisation: Organisation, society: Organisation) -> UUID:
    row = AuthorisationRequest(
        id=uuid4(),
        organisation_id=organisation.id,
        society_id=society.id,
        state="draft",
        wanted=[],
        created_at=LONG_AGO,
    )
    work.session.add(row)
    await work.session.flush()
    return row.id
