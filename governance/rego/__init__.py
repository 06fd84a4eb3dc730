"""The policy engines: the same Rego, judged in the process or by an OPA server."""
