"""Placeholders for many values in one statement, for both databases."""

from __future__ import annotations


def places(number: int, *, first: int = 1) -> str:
    """Write ``($1, $2, $3)`` for as many values."""
    return f"({', '.join(f'${place}' for place in range(first, first + number))})"


def pairs(number: int, *, first: int = 1) -> str:
    """Write ``(VALUES ($1, $2), ($3, $4))`` for as many pairs of values."""
    starts = range(first, first + 2 * number, 2)
    return f"(VALUES {', '.join(f'(${place}, ${place + 1})' for place in starts)})"
