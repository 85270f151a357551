"""Our program as a process that is measured.

`python -m tests.bench.served '{"database_url": …, "folder": …}'` says its ports in one line of JSON: `chat` is the
program as it is, `echo` the same, with a chat that says again what it is told.
"""

import json
import sys
from pathlib import Path

from bot import logs
from bot.app import listening, program, web_application
from bot.cli.serving import run_until_told
from bot.pipeline import ChatPipeline
from handlers.chat.context import ChatContext
from handlers.chat.messages import Reply, TextMessage, TextReply
from handlers.chat.router import Router
from tests.bench.bare import port_of, until_let_go
from tests.bench.settings import bench_settings

echo = Router()


@echo.fallback
async def say_again(_: ChatContext, message: TextMessage) -> Reply:
    """The same text."""
    return TextReply(text=message.content)


async def serve(database_url: str, folder: str) -> None:
    """Until stdin ends."""
    settings = bench_settings(database_url, Path(folder))
    async with (
        program(settings, database_url) as running,
        listening(web_application(running, ChatPipeline(running.tools)), "127.0.0.1", 0) as at_chat,
        listening(
            web_application(running, ChatPipeline(running.tools, router=echo)), "127.0.0.1", 0
        ) as at_echo,
    ):
        await until_let_go(chat=port_of(at_chat), echo=port_of(at_echo))


if __name__ == "__main__":
    logs.configure("warning")
    run_until_told(serve(**json.loads(sys.argv[1])))
