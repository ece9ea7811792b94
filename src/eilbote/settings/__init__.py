"""The e-mail settings of the host and of each organization, and what of them holds for whom."""
