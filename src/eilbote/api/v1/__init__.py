"""The REST API, version 1: a room for each noun and in it one file for each resource; :mod:`eilbote.api.v1.resources` puts them together.

Every operation names its permission (:mod:`eilbote.api.acting`), answers errors as problems (:mod:`eilbote.api.problems`), and lists page by
page (:mod:`eilbote.api.paging`). Shapes are pydantic models beside the operations that use them; secrets go in and never come out.
"""
