"""Authorisations: who may do what, and the requests, members and papers that lead to one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

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


@dataclass(frozen=True)
class StandingRow:
    """The newest authorisation of an organisation, and what decides whether it may act."""

    authorisation: Authorisation
    in_scope: bool
    self_check_state: str | None
    #: The class that was asked for beside it.
    course_class: CourseClass | None


class AuthorisationRepository:
    """The tables `authorisations` and `authorised_scopes`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def standing(
        self,
        organisation_id: UUID,
        *,
        occupation: str,
        level: str,
        year: int,
        class_id: UUID | None = None,
    ) -> StandingRow | None:
        """One statement: the newest authorisation, whether it covers this, and the state of that year's self-check.

        A class may be read with it.
        """
        row = (
            await self.session.execute(
                select(Authorisation, AuthorisedScope.id, SelfCheck.state, CourseClass)
                .outerjoin(
                    AuthorisedScope,
                    and_(
                        AuthorisedScope.authorisation_id == Authorisation.id,
                        AuthorisedScope.occupation == occupation,
                        AuthorisedScope.level == level,
                    ),
                )
                .outerjoin(
                    SelfCheck, and_(SelfCheck.authorisation_id == Authorisation.id, SelfCheck.year == year)
                )
                .outerjoin(CourseClass, CourseClass.id == class_id)
                .where(Authorisation.organisation_id == organisation_id)
                .order_by(Authorisation.created_at.desc())
                .limit(1)
            )
        ).one_or_none()
        if row is None:
            return None
        authorisation, scope_id, self_check_state, course_class = row
        return StandingRow(authorisation, scope_id is not None, self_check_state, course_class)

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
