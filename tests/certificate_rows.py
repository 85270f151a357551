"""Somebody who passed an exam, or studied all hours, and now waits for a paper."""

import hashlib
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw

from services.models import Actor
from services.unit_of_work import Work
from storage.states import DocumentState, ResultState, SittingState
from storage.tables import Document, Enrolment, Organisation, Result, Sitting, StudyRecord
from tests import factories


def portrait() -> bytes:
    """A face before blue, 413 × 579."""
    image = Image.new("RGB", (413, 579), (67, 142, 219))
    ImageDraw.Draw(image).ellipse((124, 116, 289, 347), fill=(232, 200, 175))
    out = BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


async def sitting(work: Work, organisation: Organisation, code: str = "QSO-2026Q4") -> Sitting:
    """A sitting of the fourth quarter, over."""
    row = Sitting(
        code=code,
        scheme_id="quality-safety-officer",
        organisation_id=organisation.id,
        starts_at=datetime(2026, 11, 14, 1, 0, tzinfo=UTC),
        ends_at=datetime(2026, 11, 14, 2, 30, tzinfo=UTC),
        form="online",
        place="人员能力验证综合服务平台",
        bring=["身份证原件"],
        capacity=50,
        state=SittingState.CLOSED,
        created_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    return row


async def enrolled(
    work: Work, organisation: Organisation, *, with_portrait: bool = True, **wanted: Any
) -> Enrolment:
    """An admitted enrolment with its portrait in the file store; `wanted` goes to `factories.enrolment`."""
    enrolment = await factories.enrolment(
        work, organisation=organisation, follower=await factories.follower(work), **wanted
    )
    if with_portrait:
        document = Document(
            id=uuid.uuid4(),
            enrolment_id=enrolment.id,
            material_key="portrait",
            state=DocumentState.ACCEPTED,
            created_at=work.now,
        )
        document.file_key = f"documents/{document.id.hex}"
        await work.tools.files.put(document.file_key, portrait())
        work.session.add(document)
    await work.session.flush()
    return enrolment


def document(work: Work, enrolment_id: uuid.UUID, material_key: str) -> Document:
    """A document that was handed in, without a picture."""
    return Document(
        id=uuid.uuid4(),
        enrolment_id=enrolment_id,
        material_key=material_key,
        state=DocumentState.UPLOADED,
        created_at=work.now,
    )


def consent_hash(text: str) -> str:
    """How an enrolment keeps that this text was agreed to."""
    return hashlib.sha256(text.encode()).hexdigest()


async def result(
    work: Work,
    enrolment: Enrolment,
    sitting_row: Sitting,
    *,
    grade: str = "良好",
    passed: bool = True,
    state: ResultState = ResultState.PUBLISHED,
) -> Result:
    """The result of one enrolment."""
    row = Result(
        enrolment_id=enrolment.id,
        sitting_id=sitting_row.id,
        raw=Decimal(82 if passed else 41),
        full=Decimal(100),
        grade=grade if passed else "不合格",
        passed=passed,
        method={"method": "bands"},
        state=state,
        created_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    return row


async def studied(work: Work, enrolment: Enrolment, *hours: int) -> None:
    """Hours on consecutive days from 2026-10-08 on."""
    for day, amount in enumerate(hours, start=8):
        work.session.add(
            StudyRecord(
                enrolment_id=enrolment.id,
                source="import",
                reference=f"course@{day}",
                course="质量安全法规",
                studied_on=date(2026, 10, day),
                hours=Decimal(amount),
                created_at=work.now,
            )
        )
    await work.session.flush()


async def passed(work: Work, **wanted: Any) -> tuple[Enrolment, Actor]:
    """One who passed, and an officer of the organisation that may issue the certificate."""
    organisation = await factories.organisation(work)
    enrolment = await enrolled(work, organisation, **wanted)
    await result(work, enrolment, await sitting(work, organisation))
    return enrolment, factories.staff_actor(organisation.id)
