"""A sub-centre's life 分中心: application, authorisation, scope, published fees, findings, self-check, ending (C1–C5, C9–C14).

`standing.ensure_authorised` is what other services ask before anything that needs an authorisation. The figures of the
source are in `measures.toml`. May import other services; services that call `ensure_authorised` import `standing` only.
"""
