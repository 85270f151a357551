"""What a sitting that is marked anew means for each person: figures, the version's method, the message (B5)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.exams.benchmarks import graded_by_benchmark
from services.exams.regrade_scores import Published
from services.notices.outbox import Addressed
from services.rules import grading
from services.rules.benchmark import Benchmark, share
from services.rules.localtime import local_datetime
from services.rules.regrading import GRADES, Standing, better
from services.unit_of_work import Work
from storage.tables import BenchmarkSnapshot, Regrade, Sitting


@dataclass(frozen=True, kw_only=True)
class RegradeLine:
    """What it means for one person."""

    enrolment_id: UUID
    enrolment_number: int
    name: str
    old_score: Decimal
    old_grade: str
    new_score: Decimal
    new_grade: str
    #: The new score alone would be a worse grade: the old one is kept.
    kept: bool
    passed: bool
    #: Passes now and did not before.
    now_passes: bool


def line_of(work: Work, one: Published, raw: Decimal, frozen: Benchmark | None) -> RegradeLine:
    """By the new benchmark where the scheme grades by one, else by its bands; never worse than before."""
    result, scheme = one.result, work.scheme(one.enrolment.scheme_ref)
    if frozen is not None and graded_by_benchmark(scheme):
        x, order = share(raw, result.full), list(GRADES)
        new = Standing(raw=raw, grade=frozen.grade(x), passed=frozen.passed(x))
    else:
        bands = scheme.grading_terms.bands
        band, order = grading.grade(raw, result.full, bands), [item.grade for item in bands]
        new = Standing(raw=raw, grade=band.grade, passed=band.passed)
    old = Standing(raw=result.raw, grade=result.grade, passed=result.passed)
    grade, passed, kept = better(old, new, order)
    return RegradeLine(
        enrolment_id=one.enrolment.id,
        enrolment_number=one.enrolment.number,
        name=one.name,
        old_score=result.raw,
        old_grade=result.grade,
        new_score=raw,
        new_grade=grade,
        kept=kept,
        passed=passed,
        now_passes=passed and not result.passed,
    )


def method_of(
    one: Published,
    line: RegradeLine,
    row: Regrade,
    frozen: Benchmark | None,
    snapshot: BenchmarkSnapshot | None,
) -> dict[str, Any]:
    """How it was graded now, as an appeal about the new version needs it (B7)."""
    method = {**one.result.method, "regrade": str(row.id)}
    method.pop("kept_grade", None)
    if line.kept:
        method["kept_grade"] = {"score": str(one.result.raw), "grade": one.result.grade}
    if frozen is not None and snapshot is not None and "benchmark" in method:
        x = share(line.new_score, one.result.full)
        method |= {
            "benchmark": str(snapshot.id),
            "standard_score": str(frozen.standard_score(x)),
            "index": str(frozen.index),
        }
    return method


def message_of(work: Work, sitting: Sitting, row: Regrade, one: Published, line: RegradeLine) -> Addressed:
    """What the person is told."""
    if line.now_passes:
        after = "证书签发后会发给您。"
    elif line.new_grade != line.old_grade:
        after = "已有证书上仍是原等级，需要换发的请回复 换证。"
    else:
        after = "您的结果不变。" if one.result.passed else "您的结果不变；有异议请回复 申诉。"
    return Addressed(
        follower_id=one.enrolment.follower_id,
        notice="result_regraded",
        cause=f"{row.id}:{one.enrolment.id}",
        facts={
            "scheme": work.scheme(one.enrolment.scheme_ref).short_title,
            "sitting": sitting.code,
            "reason": row.reason,
            "old": f"{line.old_grade}（{line.old_score.normalize():f} 分）",
            "new": f"{line.new_grade}（{line.new_score.normalize():f} 分）",
            "kept": "重新计分低于原结果，保留原等级。" if line.kept else "",
            "after": after,
            "hint": "回复 成绩 查看详情",
            "time": local_datetime(work.now),
        },
        enrolment_id=one.enrolment.id,
    )
