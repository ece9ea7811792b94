"""Benchmarks: eilbote beside its peers, in one run, in alternation, on the same sink."""
