"""The demo: a US creator's drop of five products in every covered market, and who may ship it."""

from governance.demo.run import run_demo

__all__ = ["run_demo"]
