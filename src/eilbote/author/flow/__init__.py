"""Flows: what an author wrote down, read and checked, and run step by step by a pure interpreter."""
