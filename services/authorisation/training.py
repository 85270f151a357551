"""How many people a sub-centre trained, examined and passed in a year, by occupation and level, from our own data (C12)."""

from datetime import date

from services.authorisation import scopes
from services.authorisation.views import ScopeView, TrainingLine
from services.unit_of_work import Work
from storage.repositories.authorisation import AuthorisationRepository
from storage.repositories.authorisation_life import LifeRepository
from storage.tables import Authorisation


async def counted(work: Work, authorisation: Authorisation, year: int) -> tuple[TrainingLine, ...]:
    """A line for everything that is authorised or was taught, in the order of occupations and levels; 人次."""
    schemes = {
        scheme.id: f"{scheme.authorised_for.occupation}/{scheme.authorised_for.level}"
        for scheme in work.tools.schemes.values()
        if scheme.authorised_for is not None
    }
    rows = await LifeRepository(work.session).count_trained(
        authorisation.organisation_id, schemes, first=date(year, 1, 1), last=date(year, 12, 31)
    )
    found = {schemes[row.scheme_id]: row for row in rows}
    held = await AuthorisationRepository(work.session).scope(authorisation.id)
    keys = sorted({f"{item.occupation}/{item.level}" for item in held} | set(found))
    return tuple(
        TrainingLine(
            occupation=one.occupation,
            level=one.level,
            label=label(one),
            trained=found[one.key].trained if one.key in found else 0,
            examined=found[one.key].examined if one.key in found else 0,
            passed=found[one.key].passed if one.key in found else 0,
        )
        for one in scopes.named(work, keys)
    )


def label(scope: ScopeView) -> str:
    """`长度计量员 四级/中级工`"""
    return f"{scope.occupation_label} {scope.level_label}"
