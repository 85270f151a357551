"""Whether the menu that is in force is ours."""

from typing import Any

from bot.cli.accounts import menu_document
from bot.settings import Settings
from services.schemes.loader import SchemeFileError, load_catalogue


def same_menu(settings: Settings, account: str, in_force: Any) -> bool:
    """Compared by what a person sees and what a tap does; True when the schemes cannot be read, which is told elsewhere."""
    try:
        catalogue = load_catalogue(*((settings.schemes_dir,) if settings.schemes_dir else ()))
    except (SchemeFileError, OSError):
        return True
    ours = menu_document(settings.public_url, catalogue.offered_by(account))
    return _shape(ours.get("button")) == _shape(
        in_force.get("button") if isinstance(in_force, dict) else None
    )


def _shape(buttons: Any) -> list[Any]:
    if not isinstance(buttons, list):
        return []
    return [
        (
            button.get("name"),
            None if button.get("sub_button") else (button.get("key") or button.get("url")),
            _shape(button.get("sub_button")),
        )
        for button in buttons
    ]
