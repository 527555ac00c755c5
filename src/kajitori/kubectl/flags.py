"""kubectl's flags are pflag's (see aiokit.pflag); what stands here are kubectl's own words around them.

May import: aiokit.pflag.
"""

from __future__ import annotations

from kajitori.aiokit.pflag import Duration, Flag, FlagError, Options, Parser, UsageError, flag, flags_of

__all__ = ["Duration", "Flag", "FlagError", "HelpfulError", "Options", "Parser", "UsageError", "flag", "flags_of"]


class HelpfulError(UsageError):
    """A command line that does not fit the command, with the hint to its help that upstream adds."""

    def __init__(self, command: str, text: str) -> None:
        super().__init__(f"error: {text}\nSee 'kubectl {command} -h' for help and examples")
