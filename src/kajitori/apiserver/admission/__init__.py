"""Admission: what a write must become, and whether it may happen. `build.py` lists the plugins in upstream's order."""

from kajitori.apiserver.admission.build import build_admission

__all__ = ["build_admission"]
