"""The clients that are measured: one process each, one command line for all.

    --host H --port P --shape S|M|L|F --count N --sessions C [--warmup W] [--attachment FILE]

Each sends W messages unmeasured and then N measured ones over C sessions, composes every message
anew (own recipient, name, subject), and prints one line of JSON: see `contract.Usage`.
"""
