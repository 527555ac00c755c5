"""JSON values as YAML for clients that ask for it. Imported when the first does. May import: PyYAML."""

from typing import Any

import yaml

_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def dump(value: Any) -> bytes:
    """One document."""
    text: str = yaml.dump(value, Dumper=_DUMPER, default_flow_style=False, allow_unicode=True)
    return text.encode()
