"""Random UUIDs (version 4) as text: every request has one and every object.

The kernel's randomness is taken 256 UUIDs at a time; what is left of it is a list, which threads may share.
May import: the standard library.
"""

import os

_AT_A_TIME = 256
_VARIANT = "89ab"
_left: list[str] = []  # random digits, 32 for each UUID
os.register_at_fork(after_in_child=_left.clear)


def new_uuid() -> str:
    """A fresh UUID."""
    try:
        d = _left.pop()
    except IndexError:
        digits = os.urandom(16 * _AT_A_TIME).hex()
        d, *more = [digits[at : at + 32] for at in range(0, len(digits), 32)]
        _left.extend(more)
    return f"{d[:8]}-{d[8:12]}-4{d[13:16]}-{_VARIANT[int(d[16], 16) & 3]}{d[17:20]}-{d[20:]}"
