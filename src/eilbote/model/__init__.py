"""The frozen nouns that pass between the stages. Nothing here does I/O, and nothing here knows a stage."""
