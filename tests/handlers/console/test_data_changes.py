"""Changes of personal data in the console: filed for somebody, decided by another, the certificate replaced (E8)."""

import re
from collections.abc import Awaitable, Callable

from aiohttp import FormData

from services.certificates import CertificateService
from services.models import StaffRole
from services.pictures import specimen
from services.unit_of_work import Tools
from tests import certificate_rows
from tests.handlers.console.conftest import Browser

Browsers = Callable[..., Awaitable[Browser]]


async def test_a_change_is_filed_for_somebody_decided_by_another_and_the_certificate_replaced_e8(
    tools: Tools, browsers: Browsers
) -> None:
    async with tools.unit_of_work() as work:
        enrolment, actor = await certificate_rows.passed(work)
        certificate = await CertificateService(work).issue(actor, enrolment.id)
    assert actor.organisation_id is not None
    first = await browsers(StaffRole.OFFICER, actor.organisation_id)
    second = await browsers(StaffRole.OFFICER, actor.organisation_id)
    page = await first.open(f"/enrolments/{enrolment.id}")
    assert f"/console/changes/new?enrolment={enrolment.id}" in page
    page = await first.open(f"/changes/new?number={enrolment.number}")
    assert "联系电话" not in page
    form = {"enrolment": str(enrolment.id), "field": "name", "value": "王晓明", "reason": "户籍登记已更正"}
    assert "请上传证明" in await first.send("/changes/new", form, status=422)
    with_proof = FormData(form)
    with_proof.add_field("file", specimen.id_card_front(), filename="proof.jpg", content_type="image/jpeg")
    page = await first.send("/changes/new", with_proof)
    assert "变更申请已提交" in page
    assert "确认同意" not in page
    assert "没有等待处理的变更" not in await second.open("/changes")
    path = re.findall(r"/console(/changes/[0-9a-f-]{36})", await second.open("/changes"))[0]
    picture = re.findall(r'src="(/console/change-files/[^"?]+)', await second.open(path))[0]
    assert (await second.client.get(picture)).content_type == "image/jpeg"
    assert "请填写“不同意的原因”" in await second.send(f"{path}/refuse", {"reason": ""}, status=422)
    page = await second.send(f"{path}/approve", {"note": "与身份证一致"})
    assert "资料已变更" in page
    assert f"/console/certificates/{certificate.id}/replace" in page
    assert "换发（资料已变更）" in await second.open(f"/certificates/{certificate.id}")
    page = await second.send(f"/certificates/{certificate.id}/replace", {"reason": "更名"})
    assert "王晓明" in page
    assert "已更换" in await second.open(f"/certificates/{certificate.id}")
    assert "王小明 → 王晓明" in await second.open(f"/enrolments/{enrolment.id}")
