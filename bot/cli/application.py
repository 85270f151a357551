"""All commands together, and how one of them is run."""

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from bot.cli import (
    accounts,
    analysis,
    appeals,
    appointments,
    assignments,
    attendance,
    authorisations,
    benchmarks,
    blacklist,
    broadcasts,
    cards,
    certificates,
    changes,
    classes,
    deliveries,
    demo,
    doctor,
    enrolments,
    erasures,
    hours,
    keys,
    lists,
    organisations,
    payments,
    retention,
    rosters,
    schemes,
    scores,
    serving,
    sittings,
    staff,
    verification,
)
from bot.cli.environment import use_demo
from bot.cli.problems import report

app = typer.Typer(
    name="zhengtu",
    help="证途：从关注公众号到人人可查验的证书。",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback()
def everything(
    on_demo: Annotated[bool, typer.Option("--demo", help="使用演示的数据和设置（var/demo）。")] = False,
) -> None:
    """证途：从关注公众号到人人可查验的证书。设置见 README 的表格，都以 ZHENGTU_ 开头。"""
    if on_demo:
        use_demo()


demo.register(app)
serving.register(app)
for name, group in (
    ("schemes", schemes.group),
    ("organisations", organisations.group),
    ("staff", staff.group),
    ("enrolments", enrolments.group),
    ("payments", payments.group),
    ("authorisations", authorisations.group),
    ("classes", classes.group),
    ("attendance", attendance.group),
    ("hours", hours.group),
    ("sittings", sittings.group),
    ("scores", scores.group),
    ("results", scores.results_group),
    ("appeals", appeals.group),
    ("benchmarks", benchmarks.group),
    ("analysis", analysis.group),
    ("certificates", certificates.group),
    ("blacklist", blacklist.group),
    ("broadcasts", broadcasts.group),
    ("changes", changes.group),
    ("lists", lists.group),
    ("cards", cards.group),
    ("assignments", assignments.group),
    ("retention", retention.group),
    ("erasures", erasures.group),
    ("appointments", appointments.group),
    ("rosters", rosters.group),
    ("menu", accounts.group),
    ("keys", keys.group),
    ("deliveries", deliveries.group),
):
    app.add_typer(group, name=name)
accounts.register(app)
verification.register(app)
doctor.register(app)


def run(arguments: Sequence[str]) -> int:
    """Run one command; gives its exit code. What is wrong is said in one line on stderr."""
    try:
        code = app(args=list(arguments), prog_name="zhengtu", standalone_mode=False)
    except KeyboardInterrupt:
        return 130
    except typer.Abort:
        sys.stderr.write("已取消。\n")
        return 1
    except BrokenPipeError:
        # Whoever read our output has enough (`| head`); nothing more can be said there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        report(_cause(error), debug=os.environ.get("ZHENGTU_LOG_LEVEL", "").lower() == "debug")
        return 1
    return code if isinstance(code, int) else 0


def _cause(error: Exception) -> Exception:
    """The first of several errors that came together."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error
