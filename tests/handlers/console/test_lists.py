"""附件3 and 附件5 in the console: from the queue's filter, what lacks first, then the file (D7, D8)."""

import re

from services.models import EnrolmentState
from services.spreadsheets.workbook import read_first_sheet
from services.unit_of_work import Tools
from storage.tables import Organisation
from tests.handlers.console.conftest import Browser
from tests.services import sichuan_stories as stories


async def test_an_officer_sees_what_is_left_out_and_then_takes_annex_5_d8(
    tools: Tools, officer: Browser
) -> None:
    async with tools.unit_of_work() as work:
        home = await work.session.get_one(Organisation, officer.organisation_id)
        for name, ethnicity in (("王小明", "汉族"), ("李四", "")):
            await stories.applicant(
                work,
                home,
                scheme_id="sichuan-supervisor",
                state=EnrolmentState.ADMITTED,
                name=name,
                ethnicity=ethnicity,
            )
    queue = await officer.open("/enrolments?state=admitted&scheme=sichuan-supervisor")
    found = re.search(r'href="/console(/lists/annex5\?[^"]*)"', queue)
    assert found is not None
    address = found[1].replace("&amp;", "&")
    page = await officer.open(address)
    assert "李四" in page
    assert "民族" in page
    await officer.send(address, {}, status=409)
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen is not None
    response = await officer.client.post(
        f"/console{address}", data={"csrf_token": await officer.token(), "seen": seen[1]}
    )
    rows = read_first_sheet(await response.read())
    assert [row[2] for row in rows[2:3]] == ["王小明"]
    assert "导出名单" in await officer.open("/audit")
