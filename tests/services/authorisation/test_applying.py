"""C1, C2, C9: from the first figure of an application to plaque and scope, and the two ways back."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from services.authorisation import papers
from services.authorisation.members import MemberService
from services.authorisation.registry import RegistryService
from services.authorisation.requests import RequestService, UnmetConditionsError
from services.authorisation.reviewing import RequestReviewService
from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from services.models import Actor, StaffRole
from services.rules.authorisation import Figures
from services.unit_of_work import Tools, Work
from storage.authorisation_states import FileKind, MemberKind, RequestState
from tests import factories, sub_centres

PDF = b"%PDF-1.7 a paper"
FIGURES = Figures(
    premises_owned=True,
    premises_m2=Decimal("86.5"),
    seats=24,
    stations=8,
    equipment_hired=True,
    lease_years=Decimal(3),
    department="培训部",
    dedicated_staff=2,
)
TODAY = date(2026, 11, 21)


async def applicant(work: Work) -> Actor:
    """An officer of an organisation that applies; the society is there."""
    await sub_centres.society(work)
    row = await factories.organisation(work, "遵义计量分中心", "sub_centre")
    return factories.staff_actor(row.id, name="遵义周老师")


async def staffed(work: Work, actor: Actor) -> None:
    """Two teachers and three assessors of one occupation."""
    service = MemberService(work)
    for name in ("钱老师", "孙老师"):
        await service.add(actor, kind=MemberKind.TEACHER, name=name, occupation="length", title="middle")
    for name in ("李评价", "周评价", "吴评价"):
        await service.add(
            actor,
            kind=MemberKind.ASSESSOR,
            name=name,
            occupation="length",
            title="none",
            certificate_number="PJY-2026-1",
            undertaking_on=date(2026, 5, 8),
            undertaking=("承诺书.pdf", PDF),
        )


async def submitted(work: Work, actor: Actor) -> UUID:
    """A complete application that was handed in."""
    service = RequestService(work)
    request_id = (await service.begin(actor)).id
    await staffed(work, actor)
    await service.change(actor, request_id, FIGURES, ["length/skilled", "length/advanced"])
    for kind in ("application_form", "staff", "equipment", "rules", "plan", "lease"):
        await service.attach(actor, request_id, FileKind(kind), f"{kind}.pdf", PDF)
    await service.submit(actor, request_id)
    return request_id


async def test_an_application_leads_to_plaque_and_scope_step_by_step_c2(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        actor = await applicant(work)
        above = await sub_centres.society(work)
        officer = factories.staff_actor(above.id)
        request_id = await submitted(work, actor)
        review = RequestReviewService(work)
        assert [line.organisation for line in await review.queue(officer)] == ["遵义计量分中心"]
        with pytest.raises(ConflictError):
            await review.sign(officer, request_id, number="XY-1", agreed_on=TODAY)
        await review.pass_papers(officer, request_id)
        visited = await review.record_visit(
            officer,
            request_id,
            experts=["张三（国家计量院）", "李四（省计量院）"],
            visited_on=TODAY,
            findings="场地、设备与申请一致。",
            outcome="qualified",
        )
        assert visited.state is RequestState.QUALIFIED
        await review.sign(officer, request_id, number="XY-2026-9", agreed_on=TODAY)
        authorisation_id = await review.grant(
            officer,
            request_id,
            plaque_number="FZX-053",
            document_number="量学发〔2026〕9号",
            scope=["length/skilled"],
        )
        own = await RegistryService(work).own(actor)
        assert own is not None
        assert own.id == authorisation_id
        assert (own.plaque_number, own.agreement_number) == ("FZX-053", "XY-2026-9")
        assert [(one.occupation_label, one.level_label) for one in own.scope] == [
            ("长度计量员", "四级/中级工")
        ]
        sub_centre = sub_centres.SubCentre(
            id=actor.organisation_id,  # type: ignore[arg-type]
            society_id=above.id,
            authorisation_id=authorisation_id,
            officer=actor,
            society_officer=officer,
            society_admin=officer,
        )
        assert (await sub_centres.open_class(work, sub_centre)).code == "CD4-2026-12"
        with pytest.raises(ConflictError):
            await sub_centres.open_class(work, sub_centre, scheme_id="metrology-length-3", code="CD3")


async def test_an_application_below_the_figures_is_not_handed_in_and_hears_every_one_c1(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        actor = await applicant(work)
        service = RequestService(work)
        request_id = (await service.begin(actor)).id
        low = replace(FIGURES, premises_m2=Decimal(39), stations=6, lease_years=Decimal(2))
        await service.change(actor, request_id, low, ["length/skilled"])
        with pytest.raises(UnmetConditionsError) as refused:
            await service.submit(actor, request_id)
        codes = [item.code for item in refused.value.unmet]
        assert codes[:3] == ["premises_area", "stations", "lease_years"]
        assert codes.count("paper") == 6
        assert codes[-2:] == ["teachers", "assessors"]
        assert (await service.show(actor, request_id)).state is RequestState.DRAFT


async def test_refused_on_paper_everything_goes_back_with_the_reason_c2(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        actor = await applicant(work)
        officer = factories.staff_actor((await sub_centres.society(work)).id)
        request_id = await submitted(work, actor)
        seen = await RequestService(work).show(officer, request_id)
        paper = seen.files[0].id
        assert (await papers.read(work, officer, paper))[0] == PDF
        await RequestReviewService(work).return_papers(officer, request_id, "租用协议没有盖章。")
        returned = await RequestService(work).show(actor, request_id)
        assert (returned.state, returned.reason) == (RequestState.RETURNED, "租用协议没有盖章。")
        assert not (await RequestService(work).show(officer, request_id)).files
        with pytest.raises(NotFoundError):
            await papers.read(work, officer, paper)
        again = await RequestService(work).begin(actor)
        assert again.id != request_id
        assert len(again.files) == 6
        assert again.figures == FIGURES
        assert not again.unmet


async def test_a_visit_that_finds_fault_ends_the_application_c2(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        actor = await applicant(work)
        officer = factories.staff_actor((await sub_centres.society(work)).id)
        request_id = await submitted(work, actor)
        review = RequestReviewService(work)
        await review.pass_papers(officer, request_id)
        visit = {"visited_on": TODAY, "findings": "实习工位只有 5 个。", "outcome": "failed"}
        with pytest.raises(ServiceError) as nobody:
            await review.record_visit(officer, request_id, experts=[" "], **visit)  # type: ignore[arg-type]
        assert nobody.value.code == "authorisation.no_experts"
        failed = await review.record_visit(officer, request_id, experts=["张三"], **visit)  # type: ignore[arg-type]
        assert (failed.state, failed.reason) == (RequestState.FAILED, "实习工位只有 5 个。")
        assert await RegistryService(work).own(actor) is None


async def test_only_the_society_decides_and_only_officers_apply_c2(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        actor = await applicant(work)
        request_id = await submitted(work, actor)
        review = RequestReviewService(work)
        with pytest.raises(NotFoundError):
            await review.pass_papers(actor, request_id)
        viewer = factories.staff_actor((await sub_centres.society(work)).id, StaffRole.VIEWER)
        with pytest.raises(ForbiddenError):
            await review.pass_papers(viewer, request_id)
        association = await factories.organisation(work)
        with pytest.raises(ConflictError) as other_kind:
            await RequestService(work).begin(factories.staff_actor(association.id))
        assert other_kind.value.code == "authorisation.not_applicant"


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "paper.empty"), (b"MZ\x90\x00", "paper.type"), (b"%PDF-" + bytes(5_000_000), "paper.too_large")],
)
async def test_only_papers_that_can_be_read_are_taken_c1(tools: Tools, content: bytes, code: str) -> None:
    async with tools.unit_of_work() as work:
        actor = await applicant(work)
        service = RequestService(work)
        request_id = (await service.begin(actor)).id
        with pytest.raises(ServiceError) as refused:
            await service.attach(actor, request_id, FileKind.PLAN, "方案.pdf", content)
        assert refused.value.code == code


async def test_an_undertaking_is_a_signed_paper_with_its_day_c9(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        actor = await applicant(work)
        with pytest.raises(ServiceError) as refused:
            await MemberService(work).add(
                actor,
                kind=MemberKind.ASSESSOR,
                name="郑评价",
                occupation="length",
                title="none",
                certificate_number="PJY-1",
                undertaking_on=date(2026, 5, 8),
            )
        assert refused.value.code == "member.undertaking"
