"""The exercises of :mod:`eilbote.testing.exercise_flow_store`, by what they are about."""
