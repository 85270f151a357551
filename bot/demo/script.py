"""`zhengtu demo --script`: the whole journey in a folder of its own, told as a transcript."""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from bot import logs
from bot.cli import printing
from bot.cli.environment import load_settings
from bot.cli.problems import CommandError
from bot.cli.serving import run_until_told, stop_on_signals
from bot.cli.verification import STATUS
from bot.demo.house import house
from bot.demo.journey import Arrived, LostError
from bot.demo.phone import SilenceError
from bot.demo.rehearsal import rehearse
from bot.demo.transcript import Transcript


def play(*, as_json: bool) -> None:
    """Run it, tell it, and leave nothing behind. With `as_json` the transcript goes to stderr.

    Raises:
        CommandError: the journey did not reach its end, or the certificate is not valid.
    """
    logs.configure("error" if load_settings().log_level == "info" else load_settings().log_level)
    transcript = Transcript(sys.stderr if as_json else sys.stdout)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="zhengtu-script-") as folder:
        run_until_told(_play(Path(folder), transcript, as_json, started))


async def _play(folder: Path, transcript: Transcript, as_json: bool, started: float) -> None:
    stop = stop_on_signals()
    playing = asyncio.create_task(_rehearse(folder, transcript))
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait((playing, stopped), return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not playing.done():
        playing.cancel()
        await asyncio.wait((playing,))
        raise CommandError("已中断。")
    try:
        arrived = playing.result()
    except* (SilenceError, LostError) as errors:
        raise CommandError(f"过程没有走完：{errors.exceptions[0]}") from errors
    seconds = round(time.monotonic() - started, 1)
    if as_json:
        printing.document(
            {
                "enrolment": arrived.enrolment_number,
                "certificate": arrived.certificate.number,
                "url": arrived.certificate.url,
                "status": arrived.status,
                "seconds": seconds,
            }
        )
    else:
        printing.say(
            f"\n查验地址：{arrived.certificate.url}\n结论：{STATUS.get(arrived.status, arrived.status)}（用时 {seconds} 秒）"
        )
    if arrived.status != "valid":
        raise CommandError(f"证书应为有效，实际是 {arrived.status}")


async def _rehearse(folder: Path, transcript: Transcript) -> Arrived:
    async with house(folder, port=None, platform_port=None) as around:
        return await rehearse(around, transcript)
