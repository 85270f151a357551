"""The certificate's picture goes before its text, and neither twice."""

import pytest

from services.pictures import specimen
from services.ports import Reaction
from services.unit_of_work import Tools
from tests.conftest import FixedClock
from tests.scheduler.conftest import Post, running, until
from tests.scheduler.messengers import RecordingMessenger

FACTS = {
    "title": "人员能力验证证书",
    "title_short": "人员能力验证证书",
    "picture": "certificates/1.png",
    "path": "/c/x",
}


@pytest.fixture(autouse=True)
async def picture(tools: Tools) -> None:
    await tools.files.put("certificates/1.png", b"png")


async def test_in_a_window_the_picture_comes_first_and_then_the_text(
    tools: Tools, post: Post, messenger: RecordingMessenger
) -> None:
    follower = await post.follower(window=5)
    await post.queue(follower, "certificate_ready", **FACTS)
    async with running(tools, messenger):
        await until(post.idle)
    assert messenger.kinds == ["image", "text"]
    assert (await post.get_follower(follower)).window_left == 3


async def test_a_crop_is_shown_as_the_jpeg_that_it_is(
    tools: Tools, post: Post, messenger: RecordingMessenger
) -> None:
    await tools.files.put("documents/crop", specimen.portrait())
    await post.queue(await post.follower(window=5), "document_crop_offered", picture="documents/crop")
    async with running(tools, messenger):
        await until(post.idle)
    assert messenger.sent[0].text == "document_crop_offered.jpg"
    assert messenger.kinds == ["image", "text"]


async def test_with_one_message_left_the_text_with_its_link_goes_alone(
    tools: Tools, post: Post, messenger: RecordingMessenger
) -> None:
    await post.queue(await post.follower(window=1), "certificate_ready", **FACTS)
    async with running(tools, messenger):
        await until(post.idle)
    assert messenger.kinds == ["text"]


async def test_without_a_window_the_template_opens_the_certificates_page(
    tools: Tools, post: Post, messenger: RecordingMessenger
) -> None:
    await post.queue(await post.follower(), "certificate_ready", **FACTS)
    async with running(tools, messenger):
        await until(post.idle)
    (sent,) = messenger.sent
    assert sent.url == "http://127.0.0.1:8080/c/x"


async def test_a_text_that_has_to_be_tried_again_does_not_bring_its_picture_again(
    tools: Tools, post: Post, messenger: RecordingMessenger, clock: FixedClock
) -> None:
    follower = await post.follower(window=5)
    await post.queue(follower, "certificate_ready", **FACTS)
    messenger.answer("text", Reaction.RETRY)
    async with running(tools, messenger):
        await until(post.idle)
        clock.move(minutes=1)
        await until(post.idle)
    assert messenger.kinds == ["image", "text", "text"]
    assert (await post.get_follower(follower)).window_left == 3


@pytest.mark.parametrize("reaction", [Reaction.DEAD, Reaction.UNKNOWN, Reaction.TOO_LONG])
async def test_a_picture_that_cannot_go_does_not_keep_the_text_back_and_the_row_says_so(
    tools: Tools, post: Post, messenger: RecordingMessenger, reaction: Reaction
) -> None:
    await post.queue(await post.follower(window=5), "certificate_ready", **FACTS)
    messenger.answer("image", reaction, errcode=40009)
    async with running(tools, messenger):
        await until(post.idle)
    assert messenger.kinds == ["image", "text"]
    row = await post.only()
    assert row.state == "accepted"
    assert row.errmsg == f"picture: {reaction} 40009"


async def test_a_lost_picture_file_does_not_keep_the_text_back(
    tools: Tools, post: Post, messenger: RecordingMessenger
) -> None:
    await tools.files.delete("certificates/1.png")
    await post.queue(await post.follower(window=5), "certificate_ready", **FACTS)
    async with running(tools, messenger):
        await until(post.idle)
    assert messenger.kinds == ["text"]
    assert (await post.only()).errmsg == "picture: FileMissingError"


async def test_a_picture_without_a_window_after_all_falls_back_to_the_template(
    tools: Tools, post: Post, messenger: RecordingMessenger
) -> None:
    await post.queue(await post.follower(window=5), "certificate_ready", **FACTS)
    messenger.answer("image", Reaction.NO_WINDOW, errcode=45047)
    async with running(tools, messenger):
        await until(post.idle)
    assert messenger.kinds == ["image", "template"]
