"""A laboratory of real mail servers on loopback, for the tests in this folder.

Each module starts one kind of server as a process of its own, on free high ports of 127.0.0.1, with one directory for
configuration and state. ``README.md`` beside this file names the fixtures, the ports and what each is good for.

Nothing here knows eilbote: what a server announces, accepts and stores is checked by ``test_lab.py`` with the standard
library, so that a fault of the laboratory is never mistaken for a fault of eilbote.
"""
