"""The pack behind the person's link, and the page of published indices (B5, B7)."""

import hashlib
import json

from services.appeals import AppealDesk, AppealService
from services.unit_of_work import Tools
from tests.conftest import FixedClock
from tests.handlers.public.conftest import Browser
from tests.services.appeal_stories import published


async def test_the_pack_is_read_and_printed_behind_a_door_that_a_button_opens_b7(
    tools: Tools, clock: FixedClock, browser: Browser
) -> None:
    hearing = await published(tools, clock, "59.99", "72")
    own = await hearing.lodge()
    async with tools.unit_of_work() as work:
        await AppealDesk(work).disclose(hearing.house.officer, own.id)
        link = await AppealService(work).link(hearing.who.follower_id, own)
    path = link.removeprefix(tools.public_url)
    door = await (await browser.get(path)).text()
    assert "59.99" not in door
    assert (await browser.get(f"{path}/pack.pdf")).status == 410
    opened = await browser.post(f"{path}/open")
    page = await opened.text()
    assert "59.99 分（满分 100）" in page
    assert "T = 75 + 10 × (59.99 − 70.0000) ÷ 10.0000 = 64.99" in page
    paper = await browser.get(f"{path}/pack.pdf")
    assert (await paper.read()).startswith(b"%PDF")
    # Another browser has no way in.
    browser.session.cookie_jar.clear()
    assert (await browser.get(path)).status == 410


async def test_published_indices_are_for_everybody_with_every_figure_and_an_empty_state_b5(
    tools: Tools, clock: FixedClock, browser: Browser
) -> None:
    assert "还没有公布的基准指数" in await (await browser.get("/benchmarks")).text()
    hearing = await published(tools, clock, "59.99", "72")
    page = await (await browser.get("/benchmarks")).text()
    for figure in ("70.0000", "10.0000", "65.00", hearing.sitting.code, "robust-v1"):
        assert figure in page
    (one,) = json.loads(await (await browser.get("/benchmarks.json")).text())["benchmarks"]
    assert (one["mean"], one["deviation"], one["n"], one["index"]) == ("70.0000", "10.0000", 2, "65.00")
    assert one["sha256"] in page
    # Nothing about either of the two is in it, not even a hash that trying would open (B9).
    assert "59.99" not in page
    assert one["pool_sha256"] == ""
    # Every figure stands in the text that the hash is over.
    for line in ("mean=70.0000", "deviation=10.0000", "index=65.00", "count=2", "parameter.mean=75"):
        assert line in one["text"].splitlines()
    assert one["sha256"] == hashlib.sha256(one["text"].encode()).hexdigest()
