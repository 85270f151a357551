"""The demo again on the folder of before."""

import signal
from urllib.request import urlopen

from tests.browser.conftest import Demo, DemoProcess


def test_a_second_start_on_the_same_folder_prints_the_same_sample_and_it_is_still_valid(
    demo: Demo, demo_process: DemoProcess
) -> None:
    """After SIGTERM; the fixture's own end is Ctrl-C."""
    demo_process.stop(signal.SIGTERM)
    assert demo_process.start() == demo
    with urlopen(demo.sample, timeout=10) as answer:  # noqa: S310 - http, printed by our own demo
        assert "真实有效" in answer.read().decode()
