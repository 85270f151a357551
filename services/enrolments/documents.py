"""Supporting documents 证明材料: what becomes of a picture after it was sent. Called by jobs."""

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from services import audit
from services.answers import plain_answers
from services.enrolments import crops
from services.enrolments.piles import complete, piles
from services.models import Actor
from services.notices import NoticeService
from services.notices.picture_texts import problem_and_remedy
from services.pictures.documents import check_document
from services.pictures.intake import open_picture
from services.pictures.models import Findings, Picture, PictureRefusedError
from services.pictures.portrait import PortraitSpec, check_portrait, offer_crop
from services.printing.checking import check_forms
from services.rules.completeness import missing
from services.rules.files import has_room, pile_of
from services.rules.localtime import local_datetime
from services.schemes.models import Material, MaterialKind, PortraitRule
from services.unit_of_work import Work
from storage.repositories.enrolments import EnrolmentRepository
from storage.repositories.people import PeopleRepository
from storage.repositories.printed_forms import PrintedFormRepository
from storage.states import DocumentState
from storage.tables import Document, Enrolment

_ACTOR = Actor.system("pictures")


@dataclass(frozen=True)
class Checked:
    """A picture and what was found: exactly one of `picture` and `refusal` is set."""

    picture: Picture | None
    findings: Findings
    refusal: dict[str, Any] | None
    #: Of a portrait whose ratio is off: the part of it that has the right one.
    crop: Picture | None = None


async def media_of(work: Work, document_id: UUID) -> str | None:
    """WeChat's media id, or None when there is nothing to fetch any more (done before, or superseded)."""
    document = await EnrolmentRepository(work.session).find_document(document_id)
    waiting = (
        document is not None and document.state == DocumentState.FETCHING and document.superseded_at is None
    )
    return document.media_id if document is not None and waiting else None


async def take_picture(work: Work, document_id: UUID, data: bytes) -> None:
    """Check the fetched bytes, keep the picture encrypted or refuse it, and tell the applicant. Idempotent."""
    document, enrolment, material = await _load(work, document_id)
    if document.state != DocumentState.FETCHING or document.superseded_at is not None:
        return
    checked = await asyncio.to_thread(_check, data, material)
    if checked.picture is None:
        await _refuse(work, document, enrolment, material, checked.refusal or {})
        return
    picture = checked.picture
    document.file_key = f"documents/{document.id.hex}"
    await work.tools.files.put(document.file_key, picture.content)
    document.media_type, document.width, document.height = picture.media_type, picture.width, picture.height
    document.original_sha256, document.pixels_sha256 = picture.sha256, picture.pixels_sha256
    if material.printable is not None:
        printed = await PrintedFormRepository(work.session).newest(
            enrolment.id, material.key, until=document.created_at
        )
        document.printed_code = printed.code if printed is not None else None
    document.warnings = {finding.code: dict(finding.facts) for finding in checked.findings.warnings}
    repository = EnrolmentRepository(work.session)
    same = await repository.find_same_picture(
        picture.pixels_sha256, person_id=enrolment.person_id, other_than=enrolment.id
    )
    if same is not None:
        document.warnings = {**document.warnings, "same_picture": {}}
    document.state = DocumentState.UPLOADED
    audit.record_enrolment(
        work,
        _ACTOR,
        "document.uploaded",
        enrolment,
        after={"material": material.key, "sha256": picture.sha256, "warnings": list(document.warnings)},
    )
    if checked.crop is not None:
        following = await _following(work, enrolment, material)
        await crops.offer(work, document, enrolment, material, checked.crop, following or "")
    else:
        await _tell_accepted(work, document, enrolment, material)


async def give_up(work: Work, document_id: UUID, code: str) -> None:
    """The picture cannot be had: `gone`, `too_many_bytes` or `unreachable`. Idempotent."""
    document, enrolment, material = await _load(work, document_id)
    if document.state == DocumentState.FETCHING and document.superseded_at is None:
        await _refuse(
            work, document, enrolment, material, {"code": code.removeprefix("picture."), "facts": {}}
        )


async def _load(work: Work, document_id: UUID) -> tuple[Document, Enrolment, Material]:
    repository = EnrolmentRepository(work.session)
    document = await repository.get_document(document_id, for_update=True)
    enrolment = await repository.get(document.enrolment_id)
    return document, enrolment, work.scheme(enrolment.scheme_ref).material(document.material_key)


def _check(data: bytes, material: Material) -> Checked:
    try:
        picture = open_picture(data)
    except PictureRefusedError as error:
        return Checked(None, Findings(), {"code": error.code, "facts": dict(error.facts)})
    crop = None
    if material.kind is MaterialKind.PORTRAIT and material.portrait is not None:
        spec = _spec(material.portrait)
        findings = check_portrait(picture, spec)
        crop = offer_crop(picture, spec) if findings.crop_would_help else None
    else:
        findings = check_document(picture)
    if findings.refusals:
        first = findings.refusals[0]
        return Checked(None, findings, {"code": first.code, "facts": dict(first.facts)})
    return Checked(picture, Findings(warnings=(*picture.warnings, *findings.warnings)), None, crop)


def _spec(rule: PortraitRule) -> PortraitSpec:
    return PortraitSpec(
        width_px=rule.width_px,
        height_px=rule.height_px,
        ratio_tolerance=float(Decimal(rule.ratio_tolerance)),
        background="blue" if rule.background == "blue" else None,
    )


async def _refuse(
    work: Work, document: Document, enrolment: Enrolment, material: Material, refusal: dict[str, Any]
) -> None:
    document.state, document.refusal = DocumentState.REFUSED, refusal
    audit.record_enrolment(
        work,
        _ACTOR,
        "document.refused",
        enrolment,
        after={"material": material.key, "code": str(refusal["code"])},
    )
    problem, remedy = problem_and_remedy(str(refusal["code"]), refusal.get("facts", {}))
    await NoticeService(work).send(
        enrolment.follower_id,
        "document_refused",
        cause=str(document.id),
        facts={
            "scheme": work.scheme(enrolment.scheme_ref).short_title,
            "material": _named(material, document),
            "problem": problem,
            "remedy": remedy,
            "hint": f"请重发{_named(material, document)}",
            "time": local_datetime(work.now),
        },
        enrolment_id=enrolment.id,
    )


async def _tell_accepted(work: Work, document: Document, enrolment: Enrolment, material: Material) -> None:
    """Say what is next, unless another picture is still being checked, whose turn comes."""
    following = await _following(work, enrolment, material)
    if following is None:
        return
    await NoticeService(work).send(
        enrolment.follower_id,
        "document_accepted",
        cause=str(document.id),
        facts={
            "material": _named(material, document),
            "next": following,
        },
        enrolment_id=enrolment.id,
    )


async def _following(work: Work, enrolment: Enrolment, material: Material) -> str | None:
    """How to go on: with more pictures of this material while they are awaited, else with the next one.

    None while another picture is being checked, whose turn comes.
    """
    await work.session.flush()
    documents = await EnrolmentRepository(work.session).documents(enrolment.id)
    if any(other.state == DocumentState.FETCHING for other in documents):
        return None
    piled = piles(documents)
    follower = await PeopleRepository(work.session).get_follower(enrolment.follower_id)
    collecting = follower.chat_memory.get("material") == material.key
    if collecting and has_room(material, pile_of(piled, material.key)):
        return "\n还有的请再发一张；没有了回复 完成。"
    scheme, answers = work.scheme(enrolment.scheme_ref), plain_answers(work, enrolment)
    lacking = [
        step
        for step in missing(scheme, answers, complete(documents), enrolment.skipped)
        if step.kind == "material"
    ]
    checks = check_forms(scheme, answers, documents, enrolment.id)
    if material.key in checks and checks[material.key].outdated:
        return "\n但打印这份表以后资料又改过，纸上的内容已经不对。回复 继续 打开新表格，重新打印、签字、盖章后拍照。"
    again = [key for key in enrolment.returned if any(item.key == key for item in scheme.materials)]
    if not lacking and not again:
        return "\n照片都齐了。回复 继续 核对并提交。"
    following = scheme.material(lacking[0].key if lacking else again[0])
    if following.printable is not None:
        # Its address is given in the chat only, never in the outbox.
        return f"\n下一项【{following.label}】要打印、签字、盖章后拍照。回复 继续 打开表格。"
    return f"\n请继续发送【{following.label}】：{following.help}"


def _named(material: Material, document: Document) -> str:
    """`工龄证明`, or `工龄证明第2张` where there may be several."""
    return material.label if material.max_files == 1 else f"{material.label}第{document.ordinal}张"
