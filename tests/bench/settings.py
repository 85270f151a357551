"""The installation that is measured."""

from pathlib import Path

from bot.settings import Settings
from tests.conftest import SECRET
from tests.installation import ACCOUNTS


def bench_settings(database_url: str, folder: Path, api_url: str = "http://127.0.0.1:9") -> Settings:
    """One account in safe mode, whose platform is at `api_url`; every hour is as good as another."""
    return Settings(
        database_url=database_url,
        data_dir=folder,
        port=0,
        secret_keys=(SECRET,),
        quiet_hours=False,
        wechat={"main": ACCOUNTS["main"].model_copy(update={"api_url": api_url})},
        log_level="warning",
    )
