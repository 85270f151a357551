"""Authorisations: who may do what, and the requests, members and papers that lead to one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from storage.authorisation_states import AuthorisationState, RequestState
from storage.tables import (
    Authorisation,
    AuthorisationFile,
    AuthorisationMember,
    AuthorisationRequest,
    AuthorisedScope,
    CourseClass,
    Organisation,
    SelfCheck,
)

_OVER = (RequestState.RETURNED, RequestState.FAILED, RequestState.GRANTED)


@dataclass(frozen=True, kw_only=True)
class Needed:
    """What an authorisation is needed for: an occupation at a level; `year` is that of the last self-check due."""

    organisation_id: UUID
    occupation: str
    level: str
    year: int


@dataclass(frozen=True)
class StandingRow:
    """An organisation's newest authorisation, if it ever had one, and what decides whether it may act."""

    kind: str
    authorisation: Authorisation | None
    in_scope: bool
    self_check_state: str | None
    #: The class that was asked for beside it.
    course_class: CourseClass | None = None


def newest_standing(needed: Needed) -> Select[str, Authorisation, UUID, str]:
    """Kind, newest authorisation, its scope's row for this, and the state of that year's self-check; one row."""
    return (
        select(Organisation.kind, Authorisation, AuthorisedScope.id, SelfCheck.state)
        .select_from(Organisation)
        .outerjoin(Authorisation, Authorisation.organisation_id == Organisation.id)
        .outerjoin(
            AuthorisedScope,
            and_(
                AuthorisedScope.authorisation_id == Authorisation.id,
                AuthorisedScope.occupation == needed.occupation,
                AuthorisedScope.level == needed.level,
            ),
        )
        .outerjoin(
            SelfCheck,
            and_(SelfCheck.authorisation_id == Authorisation.id, SelfCheck.year == needed.year),
        )
        .where(Organisation.id == needed.organisation_id)
        .order_by(Authorisation.created_at.desc().nulls_last())
        .limit(1)
    )


def with_standing(query: Select[*tuple[Any, ...]], needed: Needed | None) -> Select[*tuple[Any, ...]]:
    """The same rows, each followed by what `standing_read` takes, where something is needed."""
    if needed is None:
        return query
    held = newest_standing(needed).subquery()
    scope_id, self_check_state = list(held.c)[-2:]
    return query.add_columns(held.c.kind, aliased(Authorisation, held), scope_id, self_check_state).outerjoin(
        held, true()
    )


def standing_read(
    kind: str, authorisation: Authorisation | None, scope_id: UUID | None, self_check_state: str | None
) -> StandingRow:
    """What `newest_standing` found."""
    return StandingRow(kind, authorisation, scope_id is not None, self_check_state)


class AuthorisationRepository:
    """The tables `authorisations` and `authorised_scopes`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def standing(self, needed: Needed, *, class_id: UUID | None = None) -> StandingRow | None:
        """One statement: `newest_standing`, and a class with it; None for an organisation that there is not."""
        row = (
            await self.session.execute(
                newest_standing(needed)
                .add_columns(CourseClass)
                .outerjoin(CourseClass, CourseClass.id == class_id)
            )
        ).one_or_none()
        if row is None:
            return None
        kind, authorisation, scope_id, self_check_state, course_class = row
        return StandingRow(kind, authorisation, scope_id is not None, self_check_state, course_class)

    async def find(self, authorisation_id: UUID, *, for_update: bool = False) -> Authorisation | None:
        """The authorisation, if there is one."""
        return await self.session.get(
            Authorisation, authorisation_id, with_for_update=for_update or None, populate_existing=for_update
        )

    async def find_standing(self, organisation_id: UUID) -> Authorisation | None:
        """The authorisation of an organisation that has not ended."""
        return await self.session.scalar(
            select(Authorisation).where(
                Authorisation.organisation_id == organisation_id,
                Authorisation.state != AuthorisationState.ENDED,
            )
        )

    async def find_newest(self, organisation_id: UUID) -> Authorisation | None:
        """The newest authorisation of an organisation, ended or not."""
        return await self.session.scalar(
            select(Authorisation)
            .where(Authorisation.organisation_id == organisation_id)
            .order_by(Authorisation.created_at.desc())
            .limit(1)
        )

    async def find_by_plaque(self, society_id: UUID | None, plaque_number: str) -> Authorisation | None:
        """By the number on the plaque; None as the society: whosever it is."""
        query = select(Authorisation).where(Authorisation.plaque_number == plaque_number)
        if society_id is not None:
            query = query.where(Authorisation.society_id == society_id)
        return await self.session.scalar(query.limit(1))

    async def scope(self, *authorisation_ids: UUID) -> Sequence[AuthorisedScope]:
        """What these authorisations cover, by occupation and level."""
        rows = await self.session.scalars(
            select(AuthorisedScope)
            .where(AuthorisedScope.authorisation_id.in_(authorisation_ids))
            .order_by(AuthorisedScope.occupation, AuthorisedScope.level)
        )
        return rows.all()

    async def list_of_society(
        self, society_id: UUID | None, *, states: Collection[str] = (), for_update: bool = False
    ) -> Sequence[tuple[Authorisation, str]]:
        """Authorisations with their organisation's name, by name; None: of all societies."""
        query = (
            select(Authorisation, Organisation.name)
            .join(Organisation, Organisation.id == Authorisation.organisation_id)
            .order_by(Organisation.name, Authorisation.created_at)
        )
        if society_id is not None:
            query = query.where(Authorisation.society_id == society_id)
        if states:
            query = query.where(Authorisation.state.in_(states))
        if for_update:
            query = query.with_for_update(of=Authorisation).execution_options(populate_existing=True)
        return [(row, name) for row, name in await self.session.execute(query)]


class RequestRepository:
    """The tables `authorisation_requests`, `authorisation_members` and `authorisation_files`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def find(self, request_id: UUID, *, for_update: bool = False) -> AuthorisationRequest | None:
        """The request, if there is one."""
        return await self.session.get(
            AuthorisationRequest, request_id, with_for_update=for_update or None, populate_existing=for_update
        )

    async def find_running(
        self, organisation_id: UUID, *, for_update: bool = False
    ) -> AuthorisationRequest | None:
        """The organisation's request that is not at an end."""
        query = select(AuthorisationRequest).where(
            AuthorisationRequest.organisation_id == organisation_id,
            AuthorisationRequest.state.not_in(_OVER),
        )
        if for_update:
            query = query.with_for_update().execution_options(populate_existing=True)
        return await self.session.scalar(query)

    async def list_of_organisation(self, organisation_id: UUID) -> Sequence[AuthorisationRequest]:
        """All its requests, the newest first."""
        rows = await self.session.scalars(
            select(AuthorisationRequest)
            .where(AuthorisationRequest.organisation_id == organisation_id)
            .order_by(AuthorisationRequest.created_at.desc())
        )
        return rows.all()

    async def list_of_society(
        self, society_id: UUID | None, states: Collection[str]
    ) -> Sequence[tuple[AuthorisationRequest, str]]:
        """Requests in these states with their organisation's name, the longest waiting first."""
        query = (
            select(AuthorisationRequest, Organisation.name)
            .join(Organisation, Organisation.id == AuthorisationRequest.organisation_id)
            .where(AuthorisationRequest.state.in_(states))
            .order_by(AuthorisationRequest.submitted_at)
        )
        if society_id is not None:
            query = query.where(AuthorisationRequest.society_id == society_id)
        return [(row, name) for row, name in await self.session.execute(query)]

    async def organisation_name(self, organisation_id: UUID) -> str:
        """The name. Raises sqlalchemy.exc.NoResultFound."""
        return (await self.session.get_one(Organisation, organisation_id)).name

    async def members(self, organisation_id: UUID) -> Sequence[AuthorisationMember]:
        """Who is there now, teachers and assessors, by occupation and name."""
        rows = await self.session.scalars(
            select(AuthorisationMember)
            .where(
                AuthorisationMember.organisation_id == organisation_id, AuthorisationMember.left_on.is_(None)
            )
            .order_by(
                AuthorisationMember.occupation, AuthorisationMember.kind, AuthorisationMember.created_at
            )
        )
        return rows.all()

    async def find_member(self, member_id: UUID) -> AuthorisationMember | None:
        """The member, locked, if there is one."""
        return await self.session.get(
            AuthorisationMember, member_id, with_for_update=True, populate_existing=True
        )

    async def count_members(self, organisation_id: UUID) -> int:
        """How many there ever were."""
        found = await self.session.scalar(
            select(func.count())
            .select_from(AuthorisationMember)
            .where(AuthorisationMember.organisation_id == organisation_id)
        )
        return found or 0

    async def files(self, request_id: UUID) -> Sequence[AuthorisationFile]:
        """The papers of a request that are not taken away, by kind."""
        rows = await self.session.scalars(
            select(AuthorisationFile)
            .where(AuthorisationFile.request_id == request_id, AuthorisationFile.removed_at.is_(None))
            .order_by(AuthorisationFile.kind, AuthorisationFile.created_at)
        )
        return rows.all()

    async def find_file(self, file_id: UUID) -> AuthorisationFile | None:
        """The paper, if there is one."""
        return await self.session.get(AuthorisationFile, file_id)

    async def move_files(self, earlier_id: UUID, later_id: UUID) -> None:
        """Papers that came back go with the next request."""
        await self.session.execute(
            update(AuthorisationFile)
            .where(AuthorisationFile.request_id == earlier_id)
            .values(request_id=later_id)
        )
