"""The organisations of Sichuan and of CQC in their trees, for tests that enrol through one of them."""

from uuid import UUID

from services.models import Actor
from services.organisations import OrganisationKind, OrganisationTree
from services.unit_of_work import Tools

K = OrganisationKind
SYSTEM = Actor.system("test")

PROVINCE, CHENGDU, MIANYANG = "四川省职鉴中心", "成都市职鉴中心", "绵阳市职鉴中心"
LOCAL, PROVINCIAL = "成都武侯评价机构", "省属某某学院"
LABORATORY, SUB_CENTRE = "某某检测研究院", "CQC 广东分中心"
TRAINING, QUALITY, BUSINESS = "CQC 培训中心", "CQC 质量技术部", "CQC 综合业务部"

_SICHUAN = (
    (PROVINCE, K.PROVINCE_CENTRE, None, None),
    (CHENGDU, K.CITY_CENTRE, PROVINCE, None),
    (MIANYANG, K.CITY_CENTRE, PROVINCE, None),
    (LOCAL, K.INSTITUTION, CHENGDU, None),
    (PROVINCIAL, K.INSTITUTION, PROVINCE, MIANYANG),
)
_CQC = (
    (TRAINING, K.CQC_TRAINING_CENTRE, None, None),
    (QUALITY, K.CQC_QUALITY_DEPARTMENT, TRAINING, None),
    (BUSINESS, K.CQC_BUSINESS_DEPARTMENT, TRAINING, None),
    (SUB_CENTRE, K.CQC_SUB_CENTRE, TRAINING, None),
    (LABORATORY, K.LABORATORY, SUB_CENTRE, None),
)


async def plant(
    tools: Tools, *lines: tuple[str, OrganisationKind, str | None, str | None]
) -> dict[str, UUID]:
    """Name → id of these, each with its kind, what it stands under, and the city it is located in."""
    ids: dict[str, UUID] = {}
    async with tools.unit_of_work() as work:
        for name, kind, parent, city in lines:
            node = await OrganisationTree(work).add(
                SYSTEM,
                name=name,
                kind=kind,
                parent_id=ids[parent] if parent else None,
                located_in_id=ids[city] if city else None,
            )
            ids[name] = node.id
    return ids


async def sichuan(tools: Tools) -> dict[str, UUID]:
    """A province with two cities, a local institution, and a provincial one in a city."""
    return await plant(tools, *_SICHUAN)


async def cqc(tools: Tools) -> dict[str, UUID]:
    """The five kinds that decide, one of each."""
    return await plant(tools, *_CQC)
