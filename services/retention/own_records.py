"""What happened to somebody's enrolments after they were handed in, for the zip of their own data (C11).

Vouchers, attendance and practice, changes of data with their proofs, appeals with what both sides wrote.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from services.appeals import notes
from services.changes import sealing
from services.rules.localtime import local_date, local_datetime
from services.unit_of_work import Work
from storage.repositories.own_records import OwnRecordsRepository

#: The headings under an enrolment that this module fills.
HEADINGS: Final = ("转账凭证", "签到", "实操", "资料变更", "申诉")
_ENDINGS: Final = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}
_CHANGES: Final = {
    "pending": "审核中",
    "approved": "已变更",
    "refused": "未通过",
    "withdrawn": "已撤回",
    "draft": "没有提交",
}
_APPEALS: Final = {
    "draft": "没有提交",
    "lodged": "办理中",
    "disclosed": "办理中",
    "decided": "已答复",
    "withdrawn": "已撤回",
}


async def add(
    work: Work,
    numbers: Mapping[UUID, int],
    told: Mapping[UUID, dict[str, Any]],
    files: list[tuple[str, str]],
) -> None:
    """Put it under the enrolments (by id; `numbers` are what people read out), and the files to the others."""
    records, ids = OwnRecordsRepository(work.session), list(numbers)
    for index, (enrolment_id, key) in enumerate(await records.vouchers(ids), start=1):
        name = f"缴费/{numbers[enrolment_id]}-{index:03d}-转账凭证.jpg"
        told[enrolment_id]["转账凭证"].append(name)
        files.append((name, key))
    for signed, day in await records.sign_ins(ids):
        told[signed.enrolment_id]["签到"].append(
            {
                "培训日": day.title,
                "时间": local_datetime(signed.created_at),
                "已撤销": bool(signed.withdrawn_at),
            }
        )
    for index, (record, day) in enumerate(await records.practice(ids), start=1):
        told[record.enrolment_id]["实操"].append(
            {
                "培训日": day.title,
                "日期": local_date(day.starts_at),
                "使用仪器": record.instrument,
                "操作过程": record.process,
                "结果": record.result,
                "已撤销": bool(record.withdrawn_at),
            }
        )
        if record.file_key:
            ending = _ENDINGS.get(record.media_type or "", "bin")
            files.append(
                (f"实操/{numbers[record.enrolment_id]}-{index:03d}-答题卷.{ending}", record.file_key)
            )
    await _changes(work, records, numbers, told, files)
    for appeal, said in await records.appeals(ids):
        told[appeal.enrolment_id]["申诉"].append(
            {
                "申诉号": appeal.number,
                "进展": _APPEALS.get(appeal.state, appeal.state),
                "答复": appeal.decision_reason,
                "往来": [
                    {
                        "谁": note.said_by_name or "本人",
                        "时间": local_datetime(note.created_at),
                        "内容": notes.words_of(work, note),
                    }
                    for note in said
                ],
            }
        )


async def _changes(
    work: Work,
    records: OwnRecordsRepository,
    numbers: Mapping[UUID, int],
    told: Mapping[UUID, dict[str, Any]],
    files: list[tuple[str, str]],
) -> None:
    for request, scheme_ref, proofs in await records.changes(list(numbers)):
        scheme = work.scheme(scheme_ref)
        known = scheme.has_field(request.field_key)
        told[request.enrolment_id]["资料变更"].append(
            {
                "变更号": request.number,
                "项目": scheme.field(request.field_key).label if known else request.field_key,
                "原来": sealing.old_of(work, request),
                "改为": sealing.new_of(work, request),
                "原因": request.reason,
                "进展": _CHANGES.get(request.state, request.state),
            }
        )
        files += _named(f"资料变更/{request.number}", proofs)


def _named(stem: str, proofs: Sequence[tuple[str, str | None]]) -> list[tuple[str, str]]:
    return [
        (f"{stem}-{index:02d}.{_ENDINGS.get(media_type or '', 'bin')}", key)
        for index, (key, media_type) in enumerate(proofs, start=1)
    ]
