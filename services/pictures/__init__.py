"""What people photograph: safe intake, what a portrait and a document must be, crops, turns and thumbnails.

Pure and synchronous work over bytes with Pillow; call it in `asyncio.to_thread` or a worker, never on the loop.
Of ours it imports `services.errors` only.
"""
