"""我的数据: a one-time link to everything that one has handed in."""

from handlers.chat.context import ChatContext
from handlers.chat.messages import Reply, TextReply
from handlers.chat.router import Router
from services.retention import own_data
from services.rules.words import Word

router = Router()


@router.word(Word.DATA)
async def ask_for(ctx: ChatContext, _: str | None) -> Reply:
    """The link, or that there is nothing."""
    address = await own_data.give_link(ctx.work, ctx.follower_id, ctx.actor)
    if address is None:
        return TextReply(text="您在这里还没有填写过资料。\n回复 报名 可以开始报名。")
    return TextReply(
        text="点下面的链接，可以下载您填写的内容、照片、缴费、学时、成绩和证书（压缩包）：\n"
        f"{address}\n"
        "链接两小时内有效，只能下载一次。里面有您的身份证号和证件照片，请勿转发给别人。"
    )
