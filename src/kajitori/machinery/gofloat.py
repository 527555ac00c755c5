"""Floating-point numbers as Go prints them. May import: nothing of Kajitori."""

from __future__ import annotations


def shown(value: float) -> str:
    """The shortest text that reads back as the same number, as `%v` prints it: an exponent from a million on."""
    number = float(value)
    if number == 0:
        return "-0" if str(number).startswith("-") else "0"
    exponent = int(f"{number:.17e}".partition("e")[2])
    if -4 <= exponent < 6:
        return repr(number).removesuffix(".0")
    shortest = f"{number:e}"
    for precision in range(17):
        shortest = f"{number:.{precision}e}"
        if float(shortest) == number:
            break
    return shortest
