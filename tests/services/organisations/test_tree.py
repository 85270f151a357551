"""The tree of organisations, and who is responsible for whose people (C1, D2, D7, E5)."""

from uuid import UUID

import pytest
from sqlalchemy import select

from services import organisations
from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from services.models import Actor, StaffRole
from services.organisations import NobodyResponsibleError, OrganisationKind, OrganisationTree
from services.organisations.routing import path_of, stands_directly_under
from services.unit_of_work import Tools, Work
from storage.tables import AuditEntry, Organisation
from tests.factories import staff_actor

K = OrganisationKind
SYSTEM = Actor.system("test")
PROVINCE, CHENGDU, MIANYANG = "四川省职鉴中心", "成都市职鉴中心", "绵阳市职鉴中心"
LOCAL, PROVINCIAL, REMOTE = "成都某某评价机构", "省属某某学院", "省属某某集团"


async def sichuan(work: Work) -> dict[str, UUID]:
    """A province with two cities, a local institution, a provincial one in a city, and one that is in none."""
    tree = OrganisationTree(work)
    ids: dict[str, UUID] = {}
    for name, kind, parent, city in (
        (PROVINCE, K.PROVINCE_CENTRE, None, None),
        (CHENGDU, K.CITY_CENTRE, PROVINCE, None),
        (MIANYANG, K.CITY_CENTRE, PROVINCE, None),
        (LOCAL, K.INSTITUTION, CHENGDU, None),
        (PROVINCIAL, K.INSTITUTION, PROVINCE, MIANYANG),
        (REMOTE, K.INSTITUTION, PROVINCE, None),
    ):
        node = await tree.add(
            SYSTEM,
            name=name,
            kind=kind,
            parent_id=ids[parent] if parent else None,
            located_in_id=ids[city] if city else None,
        )
        ids[name] = node.id
    return ids


async def test_people_are_routed_to_their_city_or_province_d2_d7(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        ids = await sichuan(work)
        for home, kind, who in (
            (LOCAL, K.INSTITUTION, LOCAL),
            (LOCAL, K.CITY_CENTRE, CHENGDU),
            (LOCAL, K.PROVINCE_CENTRE, PROVINCE),
            (PROVINCIAL, K.PROVINCE_CENTRE, PROVINCE),
            (PROVINCIAL, K.CITY_CENTRE, MIANYANG),
            (CHENGDU, K.CITY_CENTRE, CHENGDU),
        ):
            assert await organisations.responsible(work, ids[home], kind) == ids[who], (home, kind)
        assert stands_directly_under(await path_of(work, ids[PROVINCIAL]), K.PROVINCE_CENTRE)
        assert not stands_directly_under(await path_of(work, ids[LOCAL]), K.PROVINCE_CENTRE)


async def test_nobody_or_several_that_could_be_responsible_is_an_error_that_names_the_kind(
    tools: Tools,
) -> None:
    async with tools.unit_of_work() as work:
        ids = await sichuan(work)
        with pytest.raises(NobodyResponsibleError) as several:
            await organisations.responsible(work, ids[REMOTE], K.CITY_CENTRE)
        assert several.value.code == "organisation.several_responsible"
        assert several.value.facts == {"organisation": REMOTE, "kind": "city_centre"}
        with pytest.raises(NobodyResponsibleError) as none:
            await organisations.responsible(work, ids[REMOTE], K.CQC_BUSINESS_DEPARTMENT)
        assert none.value.code == "organisation.none_responsible"
        only = await OrganisationTree(work).add(SYSTEM, name="综合业务部", kind=K.CQC_BUSINESS_DEPARTMENT)
        assert await organisations.responsible(work, ids[REMOTE], K.CQC_BUSINESS_DEPARTMENT) == only.id


async def test_an_organisation_that_ended_is_responsible_for_nobody(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        ids = await sichuan(work)
        city = await work.session.get_one(Organisation, ids[CHENGDU])
        city.status = "ended"
        await work.session.flush()
        # Only the other city is left, and is the only one there is.
        assert await organisations.responsible(work, ids[LOCAL], K.CITY_CENTRE) == ids[MIANYANG]


async def test_a_wrong_place_in_the_tree_is_refused_and_says_what_is_allowed(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        ids = await sichuan(work)
        tree = OrganisationTree(work)
        with pytest.raises(ServiceError) as wrong:
            await tree.add(SYSTEM, name="某某实验室", kind=K.LABORATORY, parent_id=ids[CHENGDU])
        assert wrong.value.facts["allowed"] == "cqc_sub_centre"
        with pytest.raises(ServiceError, match=r"organisation\.located_in"):
            await tree.add(
                SYSTEM, name="又一家", kind=K.INSTITUTION, parent_id=ids[CHENGDU], located_in_id=ids[MIANYANG]
            )
        with pytest.raises(ConflictError, match=r"organisation\.name_taken"):
            await tree.add(SYSTEM, name=LOCAL, kind=K.INSTITUTION, parent_id=ids[CHENGDU])
        with pytest.raises(ServiceError, match=r"organisation\.name"):
            await tree.rename(SYSTEM, ids[LOCAL], "字" * 61)
        with pytest.raises(ConflictError, match=r"organisation\.circle"):
            await tree.move(SYSTEM, ids[PROVINCE], ids[CHENGDU])


async def test_moving_takes_what_is_below_along_and_is_written_down(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        ids = await sichuan(work)
        await OrganisationTree(work).move(SYSTEM, ids[LOCAL], ids[MIANYANG])
        assert await organisations.responsible(work, ids[LOCAL], K.CITY_CENTRE) == ids[MIANYANG]
        await work.session.flush()
        entry = await work.session.scalar(select(AuditEntry).where(AuditEntry.action == "organisation.moved"))
        assert entry
        assert (entry.before, entry.after) == ({"parent": CHENGDU}, {"parent": MIANYANG})


async def test_an_administrator_sees_and_changes_what_is_below_their_own_only_b9(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        ids = await sichuan(work)
        tree = OrganisationTree(work)
        admin = staff_actor(ids[CHENGDU], StaffRole.ADMIN)
        assert [node.name for node in await tree.list_(admin)] == [CHENGDU, LOCAL]
        made = await tree.add(admin, name="第二评价机构", kind=K.INSTITUTION, parent_id=ids[CHENGDU])
        assert (made.parent, made.depth) == (CHENGDU, 1)
        await tree.rename(admin, made.id, "第三评价机构")
        for act in (
            tree.show(admin, ids[PROVINCE]),
            tree.rename(admin, ids[MIANYANG], "改名"),
            tree.move(admin, ids[LOCAL], ids[MIANYANG]),
            tree.add(admin, name="外地机构", kind=K.INSTITUTION, parent_id=ids[MIANYANG]),
        ):
            with pytest.raises(NotFoundError):
                await act
        with pytest.raises(ConflictError, match=r"organisation\.own"):
            await tree.rename(admin, ids[CHENGDU], "改名")
        with pytest.raises(ForbiddenError):
            await tree.rename(staff_actor(ids[CHENGDU]), made.id, "改名")
