"""Which eilbote this is, for rooms that write it down; the front page shows it to everybody else."""

__version__ = "0.1.0"
