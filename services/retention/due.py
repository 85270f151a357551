"""What falls due: found once a month, and looked at again before it is deleted (C11)."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import structlog

from services import audit
from services.models import Actor
from services.rules.localtime import local_day
from services.rules.retention import Standing, due_on
from services.schemes.models import Scheme
from services.unit_of_work import Work
from storage.repositories.kept_files import KeptFileRepository
from storage.repositories.retention import RetentionRepository
from storage.retention_states import RetainedKind, RetentionState
from storage.tables import RetentionItem, RetentionReport

log = structlog.get_logger(__name__)

#: No scheme keeps for less (`Scheme.retention_years`); a day less, because an end is a moment and a due day a day.
_LEAST: Final = timedelta(days=10 * 365)
#: Of what no scheme says anything: papers of organisations, evidence about somebody who never enrolled.
YEARS: Final = 10
#: More than so many enrolments of one organisation come onto the next report.
MOST: Final = 500


@dataclass(frozen=True, kw_only=True)
class FreeDue:
    """A file of no enrolment that need not be kept any more."""

    kind: RetainedKind
    organisation_id: UUID
    due_on: date
    label: str


async def report_due(work: Work) -> int:
    """Write a report for each organisation of which something fell due; says how many. Nothing is deleted."""
    due, repository = await find_due(work), RetentionRepository(work.session)
    enrolments: dict[UUID, dict[UUID, list[RetentionItem]]] = defaultdict(lambda: defaultdict(list))
    for file in await KeptFileRepository(work.session).not_reported(due):
        organisation_id, day = due[file.enrolment_id]
        enrolments[organisation_id][file.enrolment_id].append(
            RetentionItem(
                enrolment_id=file.enrolment_id, kind=file.kind, subject_id=file.subject_id, due_on=day
            )
        )
    others: dict[UUID, list[RetentionItem]] = defaultdict(list)
    for subject_id, free in (await find_free_due(work)).items():
        others[free.organisation_id].append(
            RetentionItem(kind=free.kind, subject_id=subject_id, due_on=free.due_on)
        )
    organisations = sorted({*enrolments, *others})
    for organisation_id in organisations:
        theirs = enrolments.get(organisation_id, {})
        oldest = sorted(theirs, key=lambda one: due[one][1])[:MOST]
        items = [item for one in oldest for item in theirs[one]] + others.get(organisation_id, [])[:MOST]
        report = RetentionReport(
            organisation_id=organisation_id,
            made_on=local_day(work.now),
            state=RetentionState.OPEN,
            created_at=work.now,
        )
        await repository.add(report, items)
        audit.record(
            work,
            Actor.system("retention"),
            "retention.reported",
            "retention_report",
            report.id,
            after={"number": report.number, "enrolments": len(oldest), "files": len(items)},
            organisation_id=organisation_id,
        )
    return len(organisations)


async def find_free_due(work: Work, subject_ids: Collection[UUID] | None = None) -> dict[UUID, FreeDue]:
    """Files of no enrolment that need not be kept any more today; of all that is on no report, or of these."""
    today = local_day(work.now)
    rows = await KeptFileRepository(work.session).free(today, subject_ids=subject_ids)
    found = {}
    for row in rows:
        day = due_on(row.ended_on, years=YEARS)
        if day is not None and day <= today:
            found[row.subject_id] = FreeDue(
                kind=row.kind, organisation_id=row.organisation_id, due_on=day, label=row.label
            )
    return found


async def find_due(
    work: Work, enrolment_ids: Collection[UUID] | None = None
) -> dict[UUID, tuple[UUID, date]]:
    """Enrolments that need not be kept any more today, with organisation and due day; of all, or of these.

    An enrolment whose scheme file is gone is kept: nobody knows for how long.
    """
    repository, today = RetentionRepository(work.session), local_day(work.now)
    ended = await repository.ended_before(work.now - _LEAST, today=today, enrolment_ids=enrolment_ids)
    papers: dict[UUID, list[Standing]] = defaultdict(list)
    for enrolment_id, last_on in await repository.papers_in_force([row.enrolment_id for row in ended]):
        papers[enrolment_id].append(Standing(last_on=last_on))
    found: dict[UUID, tuple[UUID, date]] = {}
    for row in ended:
        if (scheme := _scheme(work, row.scheme_ref)) is None:
            continue
        day = due_on(local_day(row.ended_at), years=scheme.retention_years, standing=papers[row.enrolment_id])
        if day is not None and day <= today:
            found[row.enrolment_id] = (row.organisation_id, day)
    return found


def _scheme(work: Work, ref: str) -> Scheme | None:
    try:
        return work.scheme(ref)
    except KeyError:
        log.warning("retention.scheme_gone", scheme=ref)
        return None
