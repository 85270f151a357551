"""`make bench`: what a callback, an answer, a receipt and a message cost here, beside the peers that people know.

Everything runs as it would in production: the program of `bot.app` on uvloop behind a real socket, a real PostgreSQL
with fsync, safe mode's signatures and encryption, the services' own code. A stub of the platform on loopback takes the
place of WeChat. The server has one core; load, stub and database share another. Nothing here asserts a time: what was
measured is looked up in the database and in the decrypted replies, and a run that did something else is an error.

`sizes` how much · `wire` the load over HTTP · `callbacks` what WeChat sends · `served` and `peers` what answers it ·
`processes` which core · `rows` many rows from one · one module a measurement · `figures` the table and its file.
"""
