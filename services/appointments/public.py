"""The public list of appointed people (E4, E8): name, laboratory and fields of those who are active, and nothing else."""

from dataclasses import dataclass

from services.appointments.views import labels
from services.appointments.visibility import appointing_schemes, terms_of
from services.errors import NotFoundError
from services.unit_of_work import Work
from storage.repositories.appointments import AppointmentRepository

PER_PAGE = 20


@dataclass(frozen=True, kw_only=True)
class PublicPerson:
    """One person of the list, as the source publishes them."""

    name: str
    laboratory: str
    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PublicList:
    """One page of the list; pages count from 1."""

    scheme_id: str
    title: str
    issuer: str
    #: (id, title) of every scheme that appoints people.
    schemes: tuple[tuple[str, str], ...]
    #: (value, label) of every field.
    fields: tuple[tuple[str, str], ...]
    items: tuple[PublicPerson, ...]
    total: int
    page: int
    pages: int


async def public_list(
    work: Work, *, scheme_id: str = "", laboratory: str = "", field: str = "", page: int = 1
) -> PublicList:
    """Who is appointed now. `laboratory` is part of a name, `field` a value; an unknown field finds nobody.

    Raises:
        NotFoundError: no such scheme, or none appoints people.
    """
    schemes = appointing_schemes(work)
    scheme = schemes.get(scheme_id or next(iter(schemes), ""))
    if scheme is None:
        raise NotFoundError("appointment.not_offered")
    terms, page = terms_of(scheme), max(page, 1)
    total, rows = await AppointmentRepository(work.session).public_page(
        scheme.id,
        laboratory=laboratory.strip()[:40],
        field=field[:40],
        offset=(page - 1) * PER_PAGE,
        limit=PER_PAGE,
    )
    return PublicList(
        scheme_id=scheme.id,
        title=terms.title,
        issuer=scheme.roles.issuer,
        schemes=tuple((one.id, terms_of(one).title) for one in schemes.values()),
        fields=tuple((one.value, one.label) for one in scheme.field(terms.covers).options),
        items=tuple(
            PublicPerson(
                name=row.person_name,
                laboratory=row.laboratory,
                fields=labels(work.scheme(row.appointment.scheme_ref), row.appointment.fields),
            )
            for row in rows
        ),
        total=total,
        page=page,
        pages=max(1, -(-total // PER_PAGE)),
    )
