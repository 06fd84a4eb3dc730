"""The pipeline, written once: facts, findings, verdicts, and the decision on the record."""
