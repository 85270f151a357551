"""A new version of a published result; the earlier one stays, superseded (B2, B7)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import uuid4

from services.errors import ConflictError
from services.models import ResultState
from services.unit_of_work import Work
from storage.repositories.results import ResultRepository
from storage.tables import Result


async def publish_version(
    work: Work,
    old: Result,
    *,
    raw: Decimal,
    grade: str,
    passed: bool,
    method: Mapping[str, Any],
    approved_by: str,
) -> Result:
    """Put another version in place of `old`, published at once; the sitting is locked by the caller.

    Raises:
        ConflictError: `result.not_published`: `old` is not what its person sees.
    """
    if old.state != ResultState.PUBLISHED:
        raise ConflictError("result.not_published")
    results = ResultRepository(work.session)
    await results.move([old.id], ResultState.SUPERSEDED)
    latest = (await results.latest_versions([old.enrolment_id]))[old.enrolment_id]
    new = Result(
        id=uuid4(),
        enrolment_id=old.enrolment_id,
        sitting_id=old.sitting_id,
        version=latest + 1,
        raw=raw,
        full=old.full,
        grade=grade,
        passed=passed,
        method=dict(method),
        state=ResultState.PUBLISHED,
        import_id=old.import_id,
        approved_at=work.now,
        approved_by=approved_by,
        published_at=work.now,
        created_at=work.now,
    )
    work.session.add(new)
    await work.session.flush()
    return new
