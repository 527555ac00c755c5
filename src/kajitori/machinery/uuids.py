"""Random UUIDs (version 4) as text: every request has one and every object.

The kernel's randomness is taken 256 UUIDs at a time. May import: the standard library.
"""

import os
from collections.abc import Iterator

_AT_A_TIME = 256
_VARIANT = "89ab"


def _made() -> Iterator[str]:
    while True:
        digits = os.urandom(16 * _AT_A_TIME).hex()
        for at in range(0, len(digits), 32):
            d = digits[at : at + 32]
            yield f"{d[:8]}-{d[8:12]}-4{d[13:16]}-{_VARIANT[int(d[16], 16) & 3]}{d[17:20]}-{d[20:]}"


_source = _made()
os.register_at_fork(after_in_child=lambda: globals().update(_source=_made()))


def new_uuid() -> str:
    """A fresh UUID."""
    return next(_source)
