"""Certificates and proofs of hours as PDF and PNG: data in, bytes out; no database, no network, no clock.

`certificate` has the sheets and the two render verbs; `qr` the codes, `fonts` what can be printed, `pictures` portraits
and seals, `press` the Typst compiler; `templates/` the layouts, `fonts/` the typeface with its licence.
May import nothing of ours but `services.errors`.
"""
