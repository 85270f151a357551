"""Who is barred after they were enrolled: they pay nothing more, join no class and take no seat (C7)."""

from collections.abc import Collection, Mapping
from uuid import UUID

from services.blacklist.bars import BarredError, as_bar
from services.rules.localtime import local_day
from services.schemes.models import FieldKind
from services.unit_of_work import Work
from storage.repositories.blacklist import BlacklistRepository
from storage.tables import Enrolment


async def stops_of(work: Work, enrolment_ids: Collection[UUID]) -> Mapping[UUID, BarredError]:
    """What stops these enrolments today, as it would be raised; one statement, none where no scheme keeps a list."""
    if not enrolment_ids or not any(scheme.blacklist for scheme in work.tools.schemes.values()):
        return {}
    found: dict[UUID, BarredError] = {}
    for enrolment, row in await BlacklistRepository(work.session).in_force_of(
        enrolment_ids, local_day(work.now)
    ):
        scheme = work.scheme(enrolment.scheme_ref)
        if scheme.blacklist is None or scheme.blacklist.list != row.entry.list_key:
            continue
        name = scheme.field_of_kind(FieldKind.NAME)
        given = enrolment.answers.get(name.key, "") if name is not None else ""
        error = BarredError(as_bar(scheme, row), disclosed=bool(given) and given == row.name)
        found.setdefault(enrolment.id, error)
    return found


async def ensure_not_stopped(work: Work, enrolment: Enrolment) -> None:
    """Raises BarredError; nothing is asked of the database for a scheme without a list."""
    if work.scheme(enrolment.scheme_ref).blacklist is None:
        return
    if (error := (await stops_of(work, [enrolment.id])).get(enrolment.id)) is not None:
        raise error
