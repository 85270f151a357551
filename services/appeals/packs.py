"""The pack of figures that belongs to an appeal (B7), and its printed form."""

from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from services.appeals.models import Frozen, Pack
from services.diagnosis.service import DiagnosisService
from services.exams.snapshots import as_benchmark, frozen_sha256
from services.rules import benchmark_steps
from services.rules.benchmark_steps import Step, plain
from services.rules.localtime import local_date, local_datetime
from services.study.records import given_name
from services.typesetting.form import CellsLine, FormSheet, Line, TableLine, TextLine, render_form
from services.unit_of_work import Work
from storage.repositories.appeals import AppealRow
from storage.tables import BenchmarkSnapshot, Organisation, Result

_PROPOSED: Final = "等级和参数由本系统的方案文件提出，原始文件没有规定。"


async def snapshot_of(work: Work, result: Result) -> BenchmarkSnapshot | None:
    """The snapshot that a result was graded by; None for bands."""
    known = result.method.get("benchmark")
    return await work.session.get(BenchmarkSnapshot, UUID(str(known))) if known else None


def bands_of(result: Result) -> tuple[tuple[str, str], ...]:
    """Grade and least percentage, from best to worst, as they were kept with the result."""
    return tuple((band["grade"], band["minimum_percent"]) for band in result.method.get("bands", ()))


async def pack_of(work: Work, row: AppealRow) -> Pack:
    """Everything that follows from the frozen rows; nothing is computed anew."""
    result, enrolment, scheme = row.result, row.enrolment, work.scheme(row.enrolment.scheme_ref)
    snapshot = await snapshot_of(work, result)
    organisation = await work.session.get_one(Organisation, row.appeal.organisation_id)
    frozen = None
    if snapshot is not None:
        frozen = Frozen(
            version=snapshot.version,
            method=snapshot.method,
            frozen_at=snapshot.created_at,
            published_at=snapshot.published_at,
            sha256=frozen_sha256(snapshot),
            benchmark=as_benchmark(snapshot),
        )
        steps = benchmark_steps.against_benchmark(result.raw, result.full, frozen.benchmark)
    else:
        steps = benchmark_steps.by_bands(result.raw, result.full, bands_of(result), grade=result.grade)
    if (kept := result.method.get("kept_grade")) is not None:
        words = (
            f"更正答案前为 {plain(Decimal(kept['score']))} 分、{kept['grade']}，比重新评定的结果好，予以保留"
        )
        steps = (*steps, Step(label="保留原等级", text=words))
    return Pack(
        appeal_number=row.appeal.number,
        name=given_name(work, enrolment, ""),
        scheme=scheme.short_title,
        rule=f"{scheme.rule_document.title}（{scheme.rule_document.code}）",
        enrolment_number=enrolment.number,
        sitting=row.sitting.code,
        starts_at=row.sitting.starts_at,
        organisation=organisation.name,
        score=result.raw,
        full=result.full,
        grade=result.grade,
        passed=result.passed,
        version=result.version,
        frozen=frozen,
        bands=bands_of(result),
        proposed=bool(result.method.get("proposed")),
        steps=steps,
        areas=(await DiagnosisService(work).areas_of(result, enrolment))[0],
    )


def sheet(pack: Pack, *, printed_on: date) -> FormSheet:
    """The pack on A4, for the person and for the file."""
    lines: list[Line] = [
        CellsLine(cells=(("姓名", pack.name), ("报名号", str(pack.enrolment_number)))),
        CellsLine(cells=(("项目", pack.scheme), ("场次", pack.sitting))),
        TextLine(label="考试时间", text=local_datetime(pack.starts_at)),
        TextLine(label="验证规则", text=pack.rule),
        CellsLine(cells=(("原始成绩", f"{plain(pack.score)} / {plain(pack.full)}"), ("结果", pack.grade))),
    ]
    if (frozen := pack.frozen) is not None:
        figures = frozen.benchmark
        lines += [
            TableLine(
                label="基准数据",
                columns=("稳健均值 x*", "稳健标准差 s*", "样本数 n", "基准指数 B"),
                rows=(
                    (
                        f"第 {frozen.version} 版",
                        plain(figures.mean, 4),
                        plain(figures.deviation, 4),
                        str(figures.count),
                        plain(figures.index, 2),
                    ),
                ),
            ),
            TextLine(label="测算方法", text=f"{frozen.method}（稳健统计，ISO 13528 算法 A）"),
            TextLine(label="数据来源", text=benchmark_steps.basis_in_words(figures)),
            TextLine(label="锁定和公布", text=_frozen_when(frozen)),
            TextLine(label="锁定校验值", text=_broken(frozen.sha256)),
        ]
    lines += [TextLine(label=step.label, text=step.text) for step in pack.steps]
    if pack.areas:
        lines.append(
            TableLine(
                label="知识领域",
                columns=("得分", "满分", "得分率"),
                rows=tuple(
                    (area.label, plain(area.score), plain(area.full), f"{plain(area.percent)}%")
                    for area in pack.areas
                ),
            )
        )
    notes = [
        f"出具单位：{pack.organisation}",
        "基准指数在成绩公布之前锁定。申诉只复核本人这一份答卷，不重新计算基准指数，也不影响他人。",
    ]
    if pack.proposed:
        notes.append(_PROPOSED)
    return FormSheet(
        title="成绩申诉材料",
        dated=f"出具日期：{local_date(printed_on)}",
        lines=tuple(lines),
        notes=tuple(notes),
        foot=f"申诉号 {pack.appeal_number}　第 {pack.version} 版成绩",
        printed_on=printed_on,
    )


def rendered(pack: Pack, *, printed_on: date) -> bytes:
    """The same as PDF. CPU work: call it with `asyncio.to_thread`, outside of a unit of work."""
    return render_form(sheet(pack, printed_on=printed_on))


def _frozen_when(frozen: Frozen) -> str:
    told = f"，{local_datetime(frozen.published_at)} 公布" if frozen.published_at is not None else ""
    return f"{local_datetime(frozen.frozen_at)} 锁定{told}"


def _broken(digest: str) -> str:
    """A long digest in groups, so that it breaks across lines."""
    return " ".join(digest[place : place + 16] for place in range(0, len(digest), 16))
