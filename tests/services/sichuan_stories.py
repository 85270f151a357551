"""What tests of lists, cards and assignments begin with: the centres of one province, and people with a full form."""

import itertools
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.models import Actor, EnrolmentState
from services.schemes.kept import several
from services.unit_of_work import Tools, Work
from storage.tables import Enrolment, Organisation
from tests import certificate_rows, factories

INTRODUCTION = "从事电工技术工作和技能人才评价工作多年，" * 10
_SERIAL = itertools.count(1)

EXAMINER = {
    "sex": "男",
    "education": "大学本科",
    "region": "四川省成都市武侯区",
    "employer": "成都某某评价机构",
    "channel": "local",
    "trade_years": "12",
    "address": "四川省成都市武侯区一环路南1号",
    "title_level": "中级",
    "title_name": "工程师",
    "qualification_level": "高级",
    "qualification_occupation": "电工",
    "subjects": several(["电工", "焊工"]),
    "introduction": INTRODUCTION,
}
SUPERVISOR = {
    "sex": "女",
    "birth_on": "1990-01-01",
    "ethnicity": "汉族",
    "political_status": "中共党员",
    "education": "大学专科",
    "work_years": "10",
    "email": "wang@example.com",
    "occupation": "评价管理",
    "employer": "成都某某评价机构",
    "address": "四川省成都市武侯区一环路南1号",
    "channel": "local",
}


@dataclass(frozen=True)
class Centres:
    """The province's centre, a city's below it, an institution below that, each with an officer."""

    province: Organisation
    city: Organisation
    institution: Organisation
    province_officer: Actor
    city_officer: Actor
    institution_officer: Actor


async def centres(work: Work) -> Centres:
    """One of each kind, in their tree."""
    province = await factories.organisation(work, "四川省职业技能鉴定指导中心", "province_centre")
    city = await factories.organisation(work, "成都市职业技能鉴定指导中心", "city_centre")
    institution = await factories.organisation(work, "成都某某评价机构", "institution")
    city.parent_id, institution.parent_id = province.id, city.id
    await work.session.flush()
    return Centres(
        province=province,
        city=city,
        institution=institution,
        province_officer=factories.staff_actor(province.id, name="省老师"),
        city_officer=factories.staff_actor(city.id, name="市老师"),
        institution_officer=factories.staff_actor(institution.id, name="评老师"),
    )


async def applicant(
    work: Work,
    organisation: Organisation,
    *,
    scheme_id: str = "sichuan-examiner",
    state: EnrolmentState = EnrolmentState.IN_REVIEW,
    name: str = "王小明",
    number: str | None = None,
    account: str = "sichuan",
    with_portrait: bool = False,
    **answers: Any,
) -> Enrolment:
    """An enrolment with every item of 附件1 or 附件5; `answers` replace some of them."""
    given = (SUPERVISOR if scheme_id == "sichuan-supervisor" else EXAMINER) | answers
    return await certificate_rows.enrolled(
        work,
        organisation,
        with_portrait=with_portrait,
        scheme_id=scheme_id,
        state=state,
        name=name,
        identity_number=number or factories.identity_number(next(_SERIAL) % 1000),
        **given,
    )


async def passed(work: Work, organisation: Organisation, **wanted: Any) -> Enrolment:
    """One whose published result is 合格."""
    row = await applicant(work, organisation, state=EnrolmentState.CONCLUDED, **wanted)
    sitting = await certificate_rows.sitting(work, organisation, f"S-{row.number}")
    await certificate_rows.result(work, row, sitting, grade="合格")
    return row


async def exist(tools: Tools) -> Centres:
    """The centres, in a transaction of their own."""
    async with tools.unit_of_work() as work:
        return await centres(work)


def ids(*rows: Enrolment) -> list[UUID]:
    """Of these enrolments."""
    return [row.id for row in rows]
