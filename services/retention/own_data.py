"""A person's own data, asked for in the chat and handed over once behind a one-time link.

It is what this follower handed in, and what came of it. Enrolments that another follower made with the same identity number
are not in it: whoever knows a number has not shown to be its bearer.
"""

import asyncio
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from services import audit
from services.answers import plain_answers
from services.enrolments.stages import Stages
from services.enrolments.views import StageView
from services.links import Link, LinkGoneError, LinkPurpose, LinkService
from services.models import Actor, EnrolmentState, StageDecision
from services.retention import own_page, own_records
from services.rules.answers import shown
from services.rules.localtime import local_date, local_datetime
from services.rules.money import format_yuan
from services.unit_of_work import Work
from storage.files import FileMissingError
from storage.repositories.own_data import OwnDataRepository
from storage.tables import Certificate, Document, Enrolment, Payment, StudyRecord

#: Pictures beyond this are named in the JSON and handed over by staff; one person has some ten megabytes.
_MOST_BYTES: Final = 200 * 1024 * 1024
_STATES: Final = {
    EnrolmentState.DRAFT: "填写中",
    EnrolmentState.IN_REVIEW: "审核中",
    EnrolmentState.RETURNED: "待补正",
    EnrolmentState.ADMITTED: "已录取",
    EnrolmentState.REJECTED: "未通过",
    EnrolmentState.WITHDRAWN: "已撤回",
    EnrolmentState.LAPSED: "已过期",
    EnrolmentState.BLOCKED: "已停办",
    EnrolmentState.CONCLUDED: "已完成",
}
_DECISIONS: Final = {
    StageDecision.APPROVED: "通过",
    StageDecision.RETURNED: "退回补正",
    StageDecision.REJECTED: "不通过",
    StageDecision.FORWARDED: "转其他机构办理",
    StageDecision.ENDED: "没有决定，审核结束",
}
_TOLD_WHY: Final = (StageDecision.RETURNED, StageDecision.REJECTED)
#: What a label may have and a file's name may not.
_NO_PATH: Final = str.maketrans('/\\:*?"<>|', "－－－－－－－－－")
_ENDINGS: Final = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}


async def give_link(work: Work, follower_id: UUID, actor: Actor) -> str | None:
    """An address for this follower alone, or None when there is nothing to hand over. Logged."""
    if not await OwnDataRepository(work.session).enrolments(follower_id):
        return None
    audit.record(work, actor, "data.asked_for", "follower", follower_id)
    return LinkService(work).give(LinkPurpose.DATA, follower_id=follower_id)


async def look(work: Work, token: str, *, browser: str) -> Link:
    """What a GET may know; changes nothing. Raises LinkGoneError."""
    return await LinkService(work).look(token, LinkPurpose.DATA, browser=browser)


async def take(work: Work, token: str, *, browser: str) -> bytes:
    """The zip, once; the link is closed and the handing over logged. Raises LinkGoneError."""
    if not browser:
        raise LinkGoneError
    links = LinkService(work)
    link = await links.open(token, LinkPurpose.DATA, browser=browser)
    content = await _pack(work, link.follower_id)
    await links.close(link, "taken")
    audit.record(
        work,
        Actor(kind="applicant", id=str(link.follower_id), name="申请人"),
        "data.handed_over",
        "follower",
        link.follower_id,
        after={"bytes": len(content)},
    )
    return content


async def _pack(work: Work, follower_id: UUID) -> bytes:
    repository = OwnDataRepository(work.session)
    enrolments = await repository.enrolments(follower_id)
    ids = [row.id for row in enrolments]
    told = {row.id: _enrolment(work, row) for row in enrolments}
    for row in enrolments:
        told[row.id]["审核"] += [_stage(view) for view in await Stages(work).views(row) if view.entered_at]
    for payment in await repository.rows(Payment, ids):
        told[payment.enrolment_id]["缴费"].append(_payment(payment))
    for record in await repository.rows(StudyRecord, ids):
        told[record.enrolment_id]["学时"].append(
            {
                "课程": record.course,
                "日期": local_date(record.studied_on) if record.studied_on else "",
                "学时": f"{record.hours.normalize():f}",
            }
        )
    for result in await repository.published_results(ids):
        told[result.enrolment_id]["成绩"].append(
            {
                "得分": f"{result.raw.normalize():f}",
                "满分": f"{result.full.normalize():f}",
                "等级": result.grade,
                "合格": result.passed,
                **({"各领域": dict(result.areas)} if result.areas else {}),
            }
        )
    files: list[tuple[str, str]] = []
    for certificate in await repository.rows(Certificate, ids):
        told[certificate.enrolment_id]["证书"].append(
            {
                "名称": certificate.title,
                "编号": certificate.number,
                "签发": local_date(certificate.issued_on),
                "有效期至": local_date(certificate.expires_on) if certificate.expires_on else "长期",
            }
        )
        if certificate.pdf_key:
            files.append((f"证书/{certificate.number}.pdf", certificate.pdf_key))
    for consent, text in await repository.consents(ids):
        told[consent.enrolment_id]["同意"].append(
            {"名称": text.title, "时间": local_datetime(consent.agreed_at), "内容": text.text}
        )
    numbers = {row.id: row.number for row in enrolments}
    refs = {row.id: row.scheme_ref for row in enrolments}
    for index, document in enumerate(await repository.rows(Document, ids), start=1):
        if document.file_key is None:
            continue
        ending = _ENDINGS.get(document.media_type or "", "bin")
        scheme = work.scheme(refs[document.enrolment_id])
        called = scheme.material(document.material_key).label.translate(_NO_PATH)
        name = f"照片/{numbers[document.enrolment_id]}-{index:03d}-{called}.{ending}"
        told[document.enrolment_id]["照片"].append(name)
        files.append((name, document.file_key))
    await own_records.add(work, numbers, told, files)
    return await _zip(work, list(told.values()), files)


def _enrolment(work: Work, row: Enrolment) -> dict[str, Any]:
    scheme, answers = work.scheme(row.scheme_ref), plain_answers(work, row)
    return {
        "报名号": row.number,
        "项目": scheme.title,
        "提交": local_datetime(row.submitted_at) if row.submitted_at else "",
        "决定": local_datetime(row.decided_at) if row.decided_at else "",
        "状态": _STATES[EnrolmentState(row.state)],
        "填写": {
            field.label: value if field.sensitive else shown(field, value)
            for field in scheme.fields
            if (value := answers.get(field.key))
        },
        **{
            name: []
            for name in ("审核", "照片", "缴费", "学时", "成绩", "证书", "同意", *own_records.HEADINGS)
        },
    }


def _stage(view: StageView) -> Mapping[str, object]:
    """One stage. Who of the staff decided, and what they noted for the next stage, is not the person's."""
    return {
        "环节": view.label,
        "机构": view.organisation,
        "收到": local_datetime(view.entered_at) if view.entered_at else "",
        "结果": _DECISIONS[view.decision] if view.decision else "等待处理",
        "时间": local_datetime(view.decided_at) if view.decided_at else "",
        "说明": view.reason if view.decision in _TOLD_WHY else "",
        "退回": [f"{label}：{reason}" for label, reason in view.items.items()],
    }


def _payment(payment: Payment) -> Mapping[str, object]:
    return {
        "应缴": format_yuan(payment.amount_fen),
        "到账": format_yuan(payment.paid_fen) if payment.paid_fen is not None else "",
        "汇款附言": payment.remark,
        "确认": local_datetime(payment.confirmed_at) if payment.confirmed_at else "",
    }


async def _zip(work: Work, told: list[dict[str, Any]], files: list[tuple[str, str]]) -> bytes:
    contents: list[tuple[str, bytes]] = []
    left_out: list[str] = []
    room = _MOST_BYTES
    for name, key in files:
        try:
            content = await work.tools.files.get(key) if room > 0 else None
        except FileMissingError:
            content = None
        if content is None or len(content) > room:
            left_out.append(name)
            continue
        room -= len(content)
        contents.append((name, content))
    document = {"生成时间": local_datetime(work.now), "报名": told, "没有附上的文件": left_out}
    page = own_page.written(
        told, left_out, frozenset(name for name, _ in contents), made_at=local_datetime(work.now)
    )
    contents.insert(0, ("我的数据.json", json.dumps(document, ensure_ascii=False, indent=2).encode()))
    # What a phone opens stands first.
    contents.insert(0, ("我的数据.html", page))
    return await asyncio.to_thread(_written, contents)


def _written(contents: list[tuple[str, bytes]]) -> bytes:
    target = io.BytesIO()
    # Pictures do not get smaller.
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, content in contents:
            archive.writestr(name, content)
    return target.getvalue()
