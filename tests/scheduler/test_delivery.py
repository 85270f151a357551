"""The delivery loop against the real outbox and a messenger that records."""

from services.unit_of_work import Tools
from tests.scheduler.conftest import Post, running, until
from tests.scheduler.messengers import RecordingMessenger


async def test_a_notice_is_sent_once_in_the_open_window(
    tools: Tools, post: Post, messenger: RecordingMessenger
) -> None:
    follower = await post.follower(window=5)
    await post.queue(follower)
    async with running(tools, messenger):
        await until(post.idle)
    assert messenger.texts == ["🎉 【质量安全员】报名审核已通过（报名号 10001）。"]
    assert (await post.only()).state == "accepted"
    assert (await post.get_follower(follower)).window_left == 4


async def test_without_a_window_the_template_goes_with_fields_of_at_most_20_characters(
    tools: Tools, post: Post, messenger: RecordingMessenger
) -> None:
    await post.queue(await post.follower(), hint="请在三个工作日内\n回复 缴费 查看收款账户并完成转账")
    async with running(tools, messenger):
        await until(post.idle)
    (sent,) = messenger.sent
    assert sent.kind == "template"
    assert sent.fields["thing3"] == "请在三个工作日内 回复 缴费 查看收款…"
    assert all(len(value) <= 20 and "\n" not in value for value in sent.fields.values())
    assert sent.client_msg_id
