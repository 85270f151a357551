"""`make bench`, in sizes that take a moment: everything is really done and looked up, no time is asserted."""

import json
from pathlib import Path

from tests.bench import figures
from tests.bench.measurements import measure
from tests.bench.sizes import TINY
from tests.bench.targets import verdicts

#: What answers callbacks, and is counted in requests a second.
ANSWERING = {
    "bare",
    "callback_echo",
    "enrolment_answer",
    "peer_werobot",
    "peer_flask",
    "peer_flask_durable",
}


async def test_every_bench_does_what_it_measures_and_writes_its_figures(
    cluster_url: str, template_database: str, tmp_path: Path
) -> None:
    # Rows are counted and replies decrypted by the measurements themselves; whatever is amiss is a BenchError.
    found = await measure(cluster_url, template_database, tmp_path, TINY)
    figures.write(found, tmp_path / "var" / "bench.json")
    kept = json.loads((tmp_path / "var" / "bench.json").read_text(encoding="utf-8"))
    assert kept.keys() == ANSWERING
    assert kept["bare"]["ratio"] == 1
    for name in ANSWERING:
        assert kept[name]["unit"] == "req/s"
        assert kept[name]["value"] > 0
        assert kept[name]["ratio"] > 0
    assert verdicts(found).keys() <= kept.keys()
