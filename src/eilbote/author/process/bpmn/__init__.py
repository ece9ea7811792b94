"""Diagrams as modelers write them: BPMN 2.0 read strictly, and nothing of it executed."""
