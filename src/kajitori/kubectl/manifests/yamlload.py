"""YAML as go-yaml reads it. May import: machinery."""

from kajitori.machinery.goyaml import load, load_all

__all__ = ["load", "load_all"]
