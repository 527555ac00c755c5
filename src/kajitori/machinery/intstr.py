"""Values that are a number or a percentage: `2`, `"25%"`. May import: the standard library."""

from __future__ import annotations

import re

_PERCENT = re.compile(r"[0-9]+%", re.ASCII)


def is_percent(value: int | str) -> bool:
    """Whether it is a text of digits and `%`; numbers are not."""
    return isinstance(value, str) and _PERCENT.fullmatch(value) is not None


def percent(value: str) -> int:
    """The number before the percent sign. Raises ValueError with upstream's words."""
    if not is_percent(value):
        raise ValueError("invalid value for IntOrString: invalid type: string is not a percentage")
    return int(value[:-1])


def scaled_value(value: int | str, total: int, *, round_up: bool) -> int:
    """The number itself, or the share of `total`. Raises ValueError."""
    if isinstance(value, int):
        return value
    share = percent(value) * total
    return -(-share // 100) if round_up else share // 100
