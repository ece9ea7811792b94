"""The quick constructors of what leaves this stage."""

from eilbote.model.finished import finished_envelope, finished_message

__all__ = ["finished_envelope", "finished_message"]
