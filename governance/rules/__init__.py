"""The rule language: strict YAML, its model, its lint, and two evaluators that must agree."""
