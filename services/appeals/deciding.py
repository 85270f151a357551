"""The decision of an appeal: the result stands, is changed, or the appeal is rejected (B7)."""

from uuid import UUID

from services import audit
from services.appeals import certificates, notes, telling
from services.appeals.desk import opened, record, remark_of
from services.appeals.models import Remark
from services.appeals.packs import snapshot_of
from services.appeals.permitted import may_not_decide
from services.errors import ConflictError, ForbiddenError
from services.exams.snapshots import as_benchmark
from services.exams.versions import NewVersion, publish_versions
from services.models import Actor
from services.rules import plain_words
from services.rules.benchmark import share
from services.unit_of_work import Work
from storage.appeal_states import AppealOutcome, AppealState
from storage.repositories.appeals import AppealRow
from storage.tables import Result


async def decide(work: Work, actor: Actor, appeal_id: UUID, outcome: AppealOutcome, reason: str) -> None:
    """End an appeal. A change makes a new version of this one result, published at once; the earlier one stays.

    Raises:
        ForbiddenError: `appeal.approver_decides`, `appeal.same_person` (a change takes two), `access.read_only`.
        ConflictError: `appeal.closed`; `appeal.not_disclosed`: the figures were not given yet; `appeal.nothing_changed`:
            no marking that differs; `appeal.remark_differs`: it differs, and is to stand.
        InvalidValueError: `words.…`. NotFoundError: not the actor's.
    """
    why = plain_words.reason(reason, most=notes.LONGEST_ANSWER, label="理由")
    row = await opened(work, actor, appeal_id)
    if code := may_not_decide(actor, row, outcome):
        raise ConflictError(code) if code == "appeal.not_disclosed" else ForbiddenError(code)
    remark = remark_of(row)
    if outcome is AppealOutcome.CHANGED and (remark is None or not remark.differs):
        raise ConflictError("appeal.nothing_changed")
    if outcome is not AppealOutcome.CHANGED and remark is not None and remark.differs:
        raise ConflictError("appeal.remark_differs")
    appeal = row.appeal
    appeal.state, appeal.outcome, appeal.decision_reason = AppealState.DECIDED, outcome, why
    appeal.decided_at, appeal.decided_by, appeal.decided_by_name = work.now, actor.id, actor.name
    change = await _change(work, actor, row, remark) if outcome is AppealOutcome.CHANGED and remark else ""
    record(work, actor, "appeal.decided", row, after={"outcome": outcome.value}, reason=why)
    await telling.decided(work, appeal, row.enrolment, change=change, further=_further(work, row, outcome))


async def _change(work: Work, actor: Actor, row: AppealRow, remark: Remark) -> str:
    """The new version, and what follows for the certificate; what the person is told of it."""
    old, appeal = row.result, row.appeal
    version = NewVersion(
        old=old,
        raw=remark.score,
        grade=remark.grade,
        passed=remark.passed,
        method={**old.method, **await _figures(work, row, remark), "appeal": appeal.number},
    )
    made = await publish_versions(work, [version], approved_by=actor.id)
    new = await work.session.get_one(Result, made[old.id])
    appeal.new_result_id = new.id
    audit.record_enrolment(
        work,
        actor,
        "result.changed_by_appeal",
        row.enrolment,
        before={"score": str(old.raw), "grade": old.grade, "version": old.version},
        after={"score": str(new.raw), "grade": new.grade, "version": new.version, "appeal": appeal.number},
        reason=appeal.decision_reason,
    )
    told = f"\n更正后：{new.grade}（{new.raw.normalize():f} 分），原为 {old.grade}（{old.raw.normalize():f} 分）。"
    return told + await _certificate(work, actor, row, new)


async def _certificate(work: Work, actor: Actor, row: AppealRow, new: Result) -> str:
    if new.passed and not row.result.passed:
        problem = await certificates.issue(work, actor, row)
        return "\n证书签发后会发给您。" if not problem else "\n证书暂时不能签发，工作人员会与您联系。"
    if row.result.passed and not new.passed and await certificates.name_standing(work, row) is not None:
        return "\n已签发的证书由签发单位另行决定，决定后会通知您。"
    if new.passed and new.grade != row.result.grade:
        return "\n已有证书上仍是原等级，需要换发的请回复 换证。"
    return ""


async def _figures(work: Work, row: AppealRow, remark: Remark) -> dict[str, str]:
    snapshot = await snapshot_of(work, row.result)
    if snapshot is None:
        return {}
    frozen = as_benchmark(snapshot)
    return {
        "standard_score": str(frozen.standard_score(share(remark.score, row.result.full))),
        "index": str(frozen.index),
    }


def _further(work: Work, row: AppealRow, outcome: AppealOutcome) -> str:
    """Where to turn to who does not agree (A9)."""
    if outcome is AppealOutcome.CHANGED:
        return "回复 成绩 查看。"
    contacts = work.scheme(row.enrolment.scheme_ref).contacts
    found = next((one for one in contacts if one.purpose == "supervision" and one.phones), None)
    return (
        f"仍有异议的，可致电{found.name} {found.phones[0]}。"
        if found is not None
        else "仍有异议的，请回复 人工。"
    )
