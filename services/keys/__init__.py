"""The secret keys' rooms: where values lie encrypted (`places`), and bringing them under the newest key (`rotation`)."""

from services.keys.rotation import PlaceCount, check, rotate

__all__ = ["PlaceCount", "check", "rotate"]
