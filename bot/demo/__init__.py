"""The demo: the program and the simulated platform on one machine, with data that shows what there is.

`running` starts and stops it all, `seeding` fills it, `journey` is one person's way from following to the certificate.
"""
