"""A society, a sub-centre that it authorised, and a class of it with its fees published: what many tests begin with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import select

from services.models import Actor, StaffRole
from services.rules.published_fees import FeeItem, PublishedFees
from services.study.classes import ClassService, ClassView
from services.unit_of_work import Work
from storage.authorisation_states import AuthorisationState, RequestState
from storage.tables import (
    Authorisation,
    AuthorisationFile,
    AuthorisationMember,
    AuthorisationRequest,
    AuthorisedScope,
    EndingProposal,
    Organisation,
    ResultReport,
    SelfCheck,
)
from tests import certificate_rows, factories

SCHEME = "metrology-length-4"
SCOPE = (("length", "skilled"), ("length", "advanced"))
FEES = PublishedFees(
    items=(
        FeeItem(
            item="培训费",
            amount_fen=180_000,
            unit="人",
            basis="黔价费〔2026〕1号",
            scope="参加本期培训的学员",
        ),
        FeeItem(
            item="评价费",
            amount_fen=36_000,
            unit="人次",
            basis="量学发〔2022〕37号",
            scope="参加评价考试的学员",
            due_before="sitting",
        ),
    ),
    hotline="0851-85000000",
)


@dataclass(frozen=True)
class SubCentre:
    """Ids and people."""

    id: UUID
    society_id: UUID
    authorisation_id: UUID
    officer: Actor
    society_officer: Actor
    society_admin: Actor


async def society(work: Work) -> Organisation:
    """The one society, made when it is not there."""
    known = await work.session.scalar(select(Organisation).where(Organisation.kind == "society"))
    return known or await factories.organisation(work, "中国计量测试学会", "society")


async def authorised(
    work: Work,
    name: str = "贵州计量分中心",
    *,
    scope: Sequence[tuple[str, str]] = SCOPE,
    authorised_on: date = date(2026, 3, 2),
    plaque: str = "FZX-052",
) -> SubCentre:
    """A sub-centre as the whole way through the services leaves it."""
    above = await society(work)
    row = await factories.organisation(work, name, "sub_centre")
    row.parent_id = above.id
    request = AuthorisationRequest(
        id=uuid4(),
        organisation_id=row.id,
        society_id=above.id,
        state=RequestState.GRANTED,
        wanted=[f"{occupation}/{level}" for occupation, level in scope],
        created_at=work.now,
    )
    authorisation = Authorisation(
        id=uuid4(),
        organisation_id=row.id,
        society_id=above.id,
        state=AuthorisationState.ACTIVE,
        plaque_number=plaque,
        document_number="量学发〔2026〕8号",
        agreement_number="XY-2026-8",
        agreed_on=authorised_on,
        authorised_on=authorised_on,
        created_at=work.now,
    )
    work.session.add_all([request, authorisation])
    await work.session.flush()
    work.session.add_all(
        AuthorisedScope(
            authorisation_id=authorisation.id,
            request_id=request.id,
            occupation=occupation,
            level=level,
            granted_on=authorised_on,
            created_at=work.now,
        )
        for occupation, level in scope
    )
    await work.session.flush()
    return SubCentre(
        id=row.id,
        society_id=above.id,
        authorisation_id=authorisation.id,
        officer=factories.staff_actor(row.id, name="分中心李老师"),
        society_officer=factories.staff_actor(above.id, name="学会张老师"),
        society_admin=factories.staff_actor(above.id, StaffRole.ADMIN, name="学会王主任"),
    )


async def one_of_each(work: Work) -> dict[str, UUID]:
    """One of everything of a sub-centre's life that an address of the console can name."""
    sub_centre = await authorised(work, "黔南计量分中心", plaque="FZX-054")
    paper = AuthorisationFile(
        id=uuid4(),
        organisation_id=sub_centre.id,
        kind="other",
        filename="paper.pdf",
        media_type="application/pdf",
        size=1,
        sha256="",
        file_key="authorisations/none",
        created_at=work.now,
    )
    request = AuthorisationRequest(
        id=uuid4(),
        organisation_id=sub_centre.id,
        society_id=sub_centre.society_id,
        state=RequestState.SUBMITTED,
        created_at=work.now,
    )
    member = AuthorisationMember(
        id=uuid4(),
        organisation_id=sub_centre.id,
        kind="teacher",
        name="钱老师",
        occupation="length",
        title="middle",
        created_at=work.now,
    )
    proposal = EndingProposal(
        id=uuid4(),
        authorisation_id=sub_centre.authorisation_id,
        cause="few_people",
        about="year:2025",
        state="proposed",
        created_at=work.now,
    )
    check = SelfCheck(
        id=uuid4(),
        authorisation_id=sub_centre.authorisation_id,
        year=2025,
        due_on=date(2025, 12, 31),
        state="missed",
        created_at=work.now,
    )
    organisation = await work.session.get_one(Organisation, sub_centre.id)
    sitting = await certificate_rows.sitting(work, organisation, "CD4-2026Q4")
    report = ResultReport(
        id=uuid4(),
        sitting_id=sitting.id,
        organisation_id=sub_centre.id,
        society_id=sub_centre.society_id,
        state="reported",
        created_at=work.now,
    )
    work.session.add_all([paper, request, member, proposal, check, report])
    await work.session.flush()
    return {
        "authorisations": sub_centre.authorisation_id,
        "authorisation-requests": request.id,
        "authorisation-papers": paper.id,
        "authorisation-members": member.id,
        "authorisation-proposals": proposal.id,
        "self-checks": check.id,
        "result-reports": report.id,
    }


async def open_class(
    work: Work,
    sub_centre: SubCentre,
    *,
    scheme_id: str = SCHEME,
    code: str = "CD4-2026-12",
    fees: PublishedFees | None = FEES,
    capacity: int | None = None,
) -> ClassView:
    """A class in December 2026, announced by the sub-centre's officer."""
    return await ClassService(work).add_class(
        sub_centre.officer,
        scheme_id=scheme_id,
        code=code,
        title="长度计量员中级工培训班",
        starts_on=date(2026, 12, 1),
        ends_on=date(2026, 12, 12),
        form="on_site",
        place="贵阳市云岩区某某路1号",
        capacity=capacity,
        fees=fees,
    )
