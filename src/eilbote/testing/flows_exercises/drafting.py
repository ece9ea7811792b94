"""Exercises about flows: drafts, versions, and several people at one of them."""

from __future__ import annotations

from eilbote.testing.flows_exercises.scene import Exercise
from eilbote.testing.flows_exercises.views import FlowDrafts
from eilbote.testing.work_exercises import drafting
from eilbote.testing.work_exercises.scene import played_on

EXERCISES: tuple[Exercise, ...] = tuple(played_on(FlowDrafts, exercise) for exercise in drafting.EXERCISES)
