"""What the figures ought to be."""

from collections.abc import Mapping

from tests.bench.figures import Figure


def verdicts(figures: Mapping[str, Figure]) -> dict[str, str]:
    """Of each name with a target: what it is, and whether it is met."""
    said: dict[str, str] = {}
    durable = figures["peer_flask_durable"].value if "peer_flask_durable" in figures else None
    if "callback_echo" in figures and durable is not None:
        echo = figures["callback_echo"]
        met = (echo.ratio or 0) >= 0.10 and echo.value > 2 * durable
        said["callback_echo"] = _said(met, "≥ 0.10 × bare, > 2 × durable Flask")
    if "enrolment_answer" in figures and durable is not None:
        said["enrolment_answer"] = _said(figures["enrolment_answer"].value >= durable, "≥ durable Flask")
    for name, least in (("receipts", 5_000), ("durable_sends", 8_000)):
        if name in figures:
            said[name] = _said(figures[name].value >= least, f"≥ {least:,}/s")
    for name, most, unit in (
        ("receipts_p99_ms", 50, " ms"),
        ("audience_freeze_s", 30, " s"),
        ("cost_1m_over_1k", 1.2, ""),
    ):
        if name in figures:
            said[name] = _said(figures[name].value <= most, f"≤ {most}{unit}")
    return said


def _said(met: bool, target: str) -> str:
    return f"{'✓' if met else '✗'} {target}"
