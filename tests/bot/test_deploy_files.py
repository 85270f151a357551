"""The files of docs/deploy fit the program that they start."""

import re
from pathlib import Path

import pytest

from bot.cli.serving import DRAIN_SECONDS
from bot.settings import Settings

DEPLOY = Path(__file__).parents[2] / "docs" / "deploy"


@pytest.mark.parametrize(
    ("file", "waits"),
    [
        ("zhengtu-serve@.service", r"^TimeoutStopSec=(\d+)$"),
        ("zhengtu-worker@.service", r"^TimeoutStopSec=(\d+)$"),
        ("compose.yaml", r"^  stop_grace_period: (\d+)s$"),
    ],
)
def test_a_process_is_given_longer_to_end_than_it_takes(file: str, waits: str) -> None:
    found = re.search(waits, (DEPLOY / file).read_text(), re.MULTILINE)
    assert found
    assert DRAIN_SECONDS < 30 < int(found[1])


@pytest.mark.parametrize("file", ["nginx.conf", "nginx-compose.conf"])
def test_the_proxy_keeps_metrics_inside_and_addresses_out_of_its_logs(file: str) -> None:
    text = (DEPLOY / file).read_text()
    assert "location = /metrics { return 404; }" in text
    assert "X-Forwarded-For $proxy_add_x_forwarded_for" in text
    (form,) = re.findall(r"log_format zhengtu (.*?);", text, re.DOTALL)
    assert not {"$request ", "$request_uri", "$args", "$http_referer"} & set(re.findall(r"\$\w+ ?", form))
    assert re.search(r"error_log \S+ crit;", text)


def test_every_variable_that_the_example_names_is_a_setting() -> None:
    names = re.findall(r"^#?(ZHENGTU_\w+)=", (DEPLOY / "zhengtu.env.example").read_text(), re.MULTILINE)
    assert "ZHENGTU_SECRET_KEYS" in names
    for name in names:
        assert name.removeprefix("ZHENGTU_").lower().partition("__")[0] in Settings.model_fields
