"""`serve` as a process: it migrates, listens, and ends when it is told to."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

from tests.conftest import SECRET

ROOT = Path(__file__).parents[3]


def test_serve_listens_and_ends_cleanly_when_told(no_settings: Path, database_url: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ZHENGTU_")}
    environment |= {
        "PYTHONPATH": str(ROOT),
        "ZHENGTU_DATABASE_URL": database_url,
        "ZHENGTU_SECRET_KEYS": SECRET,
        "ZHENGTU_DATA_DIR": str(no_settings),
        "ZHENGTU_PORT": "0",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "serve", "--all", "--dev"],
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as server:
        try:
            assert server.stderr is not None
            port = next(
                event["port"] for line in server.stderr if (event := json.loads(line))["event"] == "serving"
            )
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
                assert answer.status == 200
            server.send_signal(signal.SIGTERM)
            rest = server.stderr.read()
        finally:
            if server.poll() is None:
                server.terminate()
    assert server.returncode == 0, rest
