"""The secret keys' rooms: where values lie encrypted (`place`, `places`), and bringing them under the newest key (`rotation`)."""

from services.keys.rotation import PlaceCount, check, rotate

__all__ = ["PlaceCount", "check", "rotate"]
