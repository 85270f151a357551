"""How a result follows from a raw score, step by step with the numbers put in, for whoever asks (B7): pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from services.rules.benchmark import Basis, Benchmark, share
from services.rules.grading import percent

_EARLIER: Final = {
    Basis.POOL: "本场和此前最多 4 场已公布考试中首次参加者的有效成绩，共 {count} 份",
    Basis.PROVISIONAL: "本场和此前最多 4 场已公布考试中首次参加者的有效成绩，共 {count} 份（不足 30 份，由两人审核公布）",
    Basis.SNAPSHOT: "有效成绩只有 {count} 份，沿用最近一次锁定的 x* 和 s*",
    Basis.PRIOR: "有效成绩只有 {count} 份，又没有可沿用的数据，采用方案规定的初始值",
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line of the calculation."""

    label: str
    text: str


def basis_in_words(benchmark: Benchmark) -> str:
    """Where x* and s* come from."""
    return _EARLIER[benchmark.basis].format(count=benchmark.count)


def against_benchmark(raw: Decimal, full: Decimal, benchmark: Benchmark) -> tuple[Step, ...]:
    """From the raw score to the grade by a frozen benchmark; the figures are those that were compared."""
    chosen, x = benchmark.parameters, share(raw, full)
    score, index = benchmark.standard_score(x), benchmark.index
    mean, deviation, cut = plain(benchmark.mean, 4), plain(benchmark.deviation, 4), plain(benchmark.cut, 4)
    base, spread = plain(chosen.mean), plain(chosen.spread)
    lowest, highest = plain(chosen.lowest_cut), plain(chosen.highest_cut)
    good = max(chosen.good, index + chosen.good_margin)
    excellent = max(chosen.excellent, index + chosen.excellent_margin)
    return (
        Step(label="换算得分", text=f"x = 100 × {plain(raw)} ÷ {plain(full)} = {plain(percent(raw, full))}"),
        Step(label="统计数据", text=f"{basis_in_words(benchmark)}：x* = {mean}，s* = {deviation}"),
        Step(
            label="标准分",
            text=f"T = {base} + {spread} × ({plain(percent(raw, full))} − {mean}) ÷ {deviation} = {plain(score, 2)}"
            "（四舍五入到两位小数，最低 0，最高 100）",
        ),
        Step(
            label="合格线",
            text=f"x* − {plain(chosen.cut)} × s* = {mean} − {plain(chosen.cut)} × {deviation}，"
            f"限定在 {lowest} 到 {highest} 之间，得 {cut}",
        ),
        Step(
            label="基准指数",
            text=f"B = {base} + {spread} × ({cut} − {mean}) ÷ {deviation} = {plain(index, 2)}",
        ),
        Step(
            label="评定",
            text=f"T 不低于 {plain(index, 2)} 为合格，不低于 {plain(good, 2)} 为良好，不低于 {plain(excellent, 2)} 为优秀；"
            f"T = {plain(score, 2)}，{benchmark.grade(x)}",
        ),
    )


def by_bands(
    raw: Decimal, full: Decimal, bands: Sequence[tuple[str, str]], *, grade: str
) -> tuple[Step, ...]:
    """From the raw score to the grade by bands: (grade, from which percentage on), from best to worst."""
    limits = "；".join(f"{name} {minimum}% 起" for name, minimum in bands)
    return (
        Step(label="得分率", text=f"100 × {plain(raw)} ÷ {plain(full)} = {plain(percent(raw, full))}%"),
        Step(label="等级划分", text=limits or "按公布的等级划分"),
        Step(label="评定", text=f"得分率 {plain(percent(raw, full))}%，{grade}"),
    )


def plain(number: Decimal, places: int | None = None) -> str:
    """With exactly so many places, or as few as it needs."""
    return f"{number:.{places}f}" if places is not None else f"{number.normalize():f}"
