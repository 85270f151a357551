"""Teachers and assessors of a sub-centre: titles, certificates, undertakings (C1, C9)."""

from datetime import date
from typing import Final
from uuid import UUID, uuid4

from services import audit
from services.access import ensure_officer, ensure_reader
from services.authorisation import papers, scopes
from services.authorisation.measures import measures
from services.authorisation.views import MemberView
from services.errors import ForbiddenError, NotFoundError, ServiceError
from services.models import Actor
from services.rules.authorisation import Member
from services.rules.localtime import local_day
from services.rules.text import normalise
from services.unit_of_work import Work
from storage.authorisation_states import FileKind, MemberKind
from storage.repositories.authorisation import RequestRepository
from storage.tables import AuthorisationMember

MOST: Final = 500


class MemberService:
    """Who teaches and assesses at an organisation."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.members = RequestRepository(work.session)

    async def list_(self, actor: Actor, organisation_id: UUID) -> tuple[MemberView, ...]:
        """Who is there now. Raises NotFoundError for another organisation's staff."""
        ensure_reader(actor, organisation_id)
        return await listed(self.work, organisation_id)

    async def add(
        self,
        actor: Actor,
        *,
        kind: MemberKind,
        name: str,
        occupation: str,
        title: str,
        certificate_number: str = "",
        undertaking_on: date | None = None,
        undertaking: tuple[str, bytes] | None = None,
    ) -> MemberView:
        """Add one to the actor's organisation; `undertaking` is the signed paper: its file name and content.

        Raises:
            ServiceError: `member.name`, `member.occupation`, `member.title`, `member.certificate`,
                `member.undertaking` (a date without a paper, a paper without a date, or a day to come), `member.many`;
                `paper.…`.
            ForbiddenError: a viewer, or nobody's staff.
        """
        owner = actor.organisation_id
        if owner is None:
            raise ForbiddenError("access.staff_only")
        ensure_officer(actor, owner)
        self._check(name, occupation, title, certificate_number, undertaking_on, undertaking is not None)
        if await self.members.count_members(owner) >= MOST:
            raise ServiceError("member.many", limit=MOST)
        paper = (
            await papers.keep(self.work, actor, owner, FileKind.UNDERTAKING, *undertaking)
            if undertaking is not None
            else None
        )
        row = AuthorisationMember(
            id=uuid4(),
            organisation_id=owner,
            kind=kind,
            name=normalise(name),
            occupation=occupation,
            title=title,
            certificate_number=normalise(certificate_number),
            undertaking_on=undertaking_on,
            undertaking_id=paper.id if paper is not None else None,
            created_at=self.work.now,
        )
        self.work.session.add(row)
        await self.work.session.flush()
        self._record(actor, "authorisation.member_added", row)
        return _view(row, scopes.occupations(self.work))

    async def leave(self, actor: Actor, member_id: UUID) -> None:
        """Does not teach or assess there any more; the row stays. Raises NotFoundError, ForbiddenError."""
        row = await self.members.find_member(member_id)
        if row is None:
            raise NotFoundError("access.not_found")
        ensure_officer(actor, row.organisation_id)
        if row.left_on is None:
            row.left_on = local_day(self.work.now)
            self._record(actor, "authorisation.member_left", row)

    def _check(
        self,
        name: str,
        occupation: str,
        title: str,
        certificate_number: str,
        undertaking_on: date | None,
        has_paper: bool,
    ) -> None:
        late = undertaking_on is not None and undertaking_on > local_day(self.work.now)
        faults = {
            "member.name": not 2 <= len(normalise(name)) <= 40,
            "member.occupation": occupation not in scopes.occupations(self.work),
            "member.title": title not in measures().conditions.titles,
            "member.certificate": len(normalise(certificate_number)) > 60,
            "member.undertaking": late or (undertaking_on is not None) != has_paper,
        }
        for code, is_so in faults.items():
            if is_so:
                raise ServiceError(code)

    def _record(self, actor: Actor, action: str, row: AuthorisationMember) -> None:
        audit.record(
            self.work,
            actor,
            action,
            "organisation",
            row.organisation_id,
            after={"kind": row.kind, "name": row.name, "occupation": row.occupation},
            organisation_id=row.organisation_id,
        )


async def listed(work: Work, organisation_id: UUID) -> tuple[MemberView, ...]:
    """Who is there now; the caller has checked who asks."""
    labels = scopes.occupations(work)
    return tuple(_view(row, labels) for row in await RequestRepository(work.session).members(organisation_id))


def counted(views: tuple[MemberView, ...]) -> tuple[Member, ...]:
    """As the rules count them."""
    return tuple(
        Member(
            kind=str(one.kind),
            name=one.name,
            occupation=one.occupation,
            title=one.title,
            certified=bool(one.certificate_number),
            undertaken=one.undertaking_on is not None and one.undertaking_file is not None,
        )
        for one in views
    )


def _view(row: AuthorisationMember, labels: dict[str, str]) -> MemberView:
    return MemberView(
        id=row.id,
        kind=MemberKind(row.kind),
        name=row.name,
        occupation=row.occupation,
        occupation_label=labels.get(row.occupation, row.occupation),
        title=row.title,
        certificate_number=row.certificate_number,
        undertaking_on=row.undertaking_on,
        undertaking_file=row.undertaking_id,
    )
