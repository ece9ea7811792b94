"""Exercises for stores of processes; see :mod:`eilbote.testing.exercise_process_store`."""
