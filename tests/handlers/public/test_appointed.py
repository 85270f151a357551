"""The public list of appointed people (E8): what it shows, whom it leaves out, how it is searched."""

from services.appointments import AppointmentService
from services.unit_of_work import Tools
from tests import factories
from tests.appointment_stories import OTHER_LABORATORY, open_house

from .conftest import Browser


async def test_the_list_shows_name_laboratory_and_fields_of_active_people_only_e8_e4(
    browser: Browser, tools: Tools
) -> None:
    house = await open_house(tools)
    await house.appointed("CCC", "有机", name="王小明", serial=1, stages=3)
    await house.appointed("CCC", name="李红", serial=2, laboratory=OTHER_LABORATORY, stages=3)
    gone = await house.appointed("CCC", name="赵明", serial=3, stages=3)
    async with tools.unit_of_work() as work:
        await AppointmentService(work).suspend(house.officer("training"), gone, "核查")
    answer = await browser.get("/appointments")
    page = await answer.text()
    assert "共 2 人" in page
    assert "认证领域：CCC、有机" in page
    assert "赵明" not in page
    # No script, no search engine, nothing that the source does not publish.
    assert "<script" not in page
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert "CQC000001" not in page
    assert factories.identity_number(1) not in page

    async def people(query: str) -> list[str]:
        found = await browser.get(f"/appointments?{query}", headers={"Accept": "application/json"})
        document = await found.json()
        assert set(document) == {
            "scheme", "title", "issuer", "total", "page", "pages", "people", "queried_at",
        }  # fmt: skip
        assert all(set(one) == {"name", "laboratory", "fields"} for one in document["people"])
        return [one["name"] for one in document["people"]]

    assert await people("laboratory=电器") == ["李红"]
    assert await people("field=有机") == ["王小明"]
    assert await people("field=有机&laboratory=电器") == []
    assert await people("field=%25&laboratory=%00") == []
    assert await people("page=99") == []
    assert "没有符合条件的人员" in await (await browser.get("/appointments?field=GAP")).text()
    assert (await browser.get("/appointments?scheme=nothing")).status == 404
