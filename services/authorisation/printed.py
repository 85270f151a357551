"""申请表: a sub-centre's application as a form on A4, to be signed, sealed and uploaded (C1).

The source names 附件 1 and does not give it; what stands on the form is what 第五条 and 第六条 ask for.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from typing import Final

from services.authorisation.measures import measures
from services.authorisation.views import RequestView, ScopeView
from services.errors import ServiceError
from services.printing.content import code_for, shown_code
from services.rules.localtime import local_date
from services.typesetting.form import (
    CellsLine,
    FormSheet,
    Line,
    SealedLine,
    SignedLine,
    TableLine,
    TicksLine,
)

#: Value and kind → the word for it, as the pages say it.
Words = Callable[[str, str], str]

_PLEDGE: Final = (
    "本单位按照职业能力水平评价机构管理办法申请建立分中心，承诺以上内容和所附材料真实、完整，符合申报条件；"
    "获得授权后只在授权的职业、等级范围内招生、培训，不委托中介机构，按公示收费，并接受学会监督管理。"
)


def sheet(
    one: RequestView, offered: Sequence[ScopeView], *, words: Words, printed_on: date
) -> tuple[FormSheet, str]:
    """The form with what the application says now, and the code at its foot.

    Raises ServiceError `authorisation.no_figures`: nothing was filled in yet.
    """
    if one.figures is None:
        raise ServiceError("authorisation.no_figures")
    lines = _lines(one, offered, words)
    code = code_for([one.id.hex, [asdict(line) for line in lines]])
    return (
        FormSheet(
            title="职业能力水平评价分中心申请表",
            dated=f"打印日期：{local_date(printed_on)}",
            lines=lines,
            notes=(
                f"依据：{measures().source}。",
                "签字、盖章后扫描或拍照，在申请里作为“申请表”上传；内容有改动的，请重新打印。",
            ),
            foot=f"表格编号 {shown_code(code)}",
            printed_on=printed_on,
        ),
        code,
    )


def _lines(one: RequestView, offered: Sequence[ScopeView], words: Words) -> tuple[Line, ...]:
    figures = one.figures
    assert figures is not None  # noqa: S101 - the caller has looked
    lease = "" if figures.lease_years is None else f"（租期 {figures.lease_years} 年）"
    wanted = {item.key for item in one.wanted}
    cells = (
        (("申请单位", one.organisation),),
        (
            ("培训场地", f"{'自有' if figures.premises_owned else '租用'}，{figures.premises_m2} 平方米"),
            ("可同时培训", f"{figures.seats} 人"),
        ),
        (
            ("实验设备", f"租用{lease}" if figures.equipment_hired else "自有"),
            ("可同时实操", f"{figures.stations} 人"),
        ),
        (("分管部门", figures.department), ("专职人员", f"{figures.dedicated_staff} 人")),
    )
    tables = (
        TableLine(
            label="教师、评价员",
            columns=("类别", "职业", "职称", "证书编号", "承诺书"),
            rows=tuple(
                (
                    person.name,
                    words(person.kind, "member"),
                    person.occupation_label,
                    words(person.title, "title"),
                    person.certificate_number,
                    local_date(person.undertaking_on) if person.undertaking_on else "",
                )
                for person in one.members
            ),
        ),
        TableLine(
            label="所附材料",
            columns=("文件",),
            rows=tuple((words(paper.kind, "paper"), paper.filename) for paper in one.files),
        ),
    )
    return (
        *(CellsLine(cells=row) for row in cells),
        TicksLine(
            label="申请的职业、等级",
            items=tuple(
                (item.key in wanted, f"{item.occupation_label} {item.level_label}") for item in offered
            ),
        ),
        *(table for table in tables if table.rows),
        SignedLine(label="申请单位承诺", text=_PLEDGE, signer="法定代表人（负责人）签字"),
        SealedLine(label="申请单位意见", signer="经办人签字", height_mm=30),
        SealedLine(label="学会意见", height_mm=30),
    )
