"""`make bench`, in sizes that take a moment: everything is really done and looked up, no time is asserted."""

import json
from pathlib import Path

import pytest

from tests.bench import figures
from tests.bench.measurements import measure
from tests.bench.sizes import TINY
from tests.bench.targets import verdicts

pytestmark = pytest.mark.long

#: Every figure that the file has, in what it is counted.
UNITS = {
    "bare": "req/s",
    "callback_echo": "req/s",
    "enrolment_answer": "req/s",
    "receipts": "req/s",
    "receipts_p99_ms": "ms",
    "durable_sends": "req/s",
    "audience_freeze_s": "s",
    "cost_1m_over_1k": "ratio",
    "peer_werobot": "req/s",
    "peer_flask": "req/s",
    "peer_flask_durable": "req/s",
}


async def test_every_bench_does_what_it_measures_and_writes_its_figures(
    cluster_url: str, template_database: str, tmp_path: Path
) -> None:
    # Rows are counted and replies decrypted by the measurements themselves; whatever is amiss is a BenchError.
    found = await measure(cluster_url, template_database, tmp_path, TINY)
    figures.write(found, tmp_path / "var" / "bench.json")
    kept = json.loads((tmp_path / "var" / "bench.json").read_text(encoding="utf-8"))
    assert {name: figure["unit"] for name, figure in kept.items()} == UNITS
    assert all(figure["value"] >= 0 for figure in kept.values())
    assert all(figure["ratio"] >= 0 for figure in kept.values() if figure["unit"] == "req/s")
    assert kept["bare"]["ratio"] == 1
    assert verdicts(found).keys() == UNITS.keys() - {
        "bare",
        "peer_werobot",
        "peer_flask",
        "peer_flask_durable",
    }
