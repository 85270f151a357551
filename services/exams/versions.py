"""New versions of published results; the earlier ones stay, superseded (B2, B5, B7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from services.errors import ConflictError
from services.models import ResultState
from services.unit_of_work import Work
from storage.repositories.results import ResultRepository
from storage.tables import Result


@dataclass(frozen=True, kw_only=True)
class NewVersion:
    """What takes the place of a published result."""

    old: Result
    raw: Decimal
    grade: str
    passed: bool
    #: As `Result.method`: how it was graded.
    method: Mapping[str, Any]
    #: Scores of knowledge areas, as exact text by key; None: those of the old version are the newest that is known.
    areas: Mapping[str, str] | None = None


async def publish_versions(
    work: Work, versions: Sequence[NewVersion], *, approved_by: str
) -> Mapping[UUID, UUID]:
    """Put other versions in place of published ones, published at once; gives old id → new id.

    Three statements, however many; the caller has locked the sitting.

    Raises:
        ConflictError: `result.not_published`: one of the old ones is not what its person sees.
    """
    if any(one.old.state != ResultState.PUBLISHED for one in versions):
        raise ConflictError("result.not_published")
    results = ResultRepository(work.session)
    latest = await results.latest_versions([one.old.enrolment_id for one in versions])
    ids = {one.old.id: uuid4() for one in versions}
    rows = [
        {
            "id": ids[one.old.id],
            "enrolment_id": one.old.enrolment_id,
            "sitting_id": one.old.sitting_id,
            "version": latest[one.old.enrolment_id] + 1,
            "raw": one.raw,
            "full": one.old.full,
            "grade": one.grade,
            "passed": one.passed,
            "method": dict(one.method),
            "areas": dict(one.areas) if one.areas is not None else one.old.areas,
            "state": ResultState.PUBLISHED,
            "import_id": one.old.import_id,
            "approved_at": work.now,
            "approved_by": approved_by,
            "published_at": work.now,
            "created_at": work.now,
        }
        for one in versions
    ]
    await results.move(list(ids), ResultState.SUPERSEDED)
    await results.add_all(rows)
    return ids
