"""Priority and fairness (KEP-1040): who waits for whom when there is more to do than the server can do at a time.

`build` makes all of it; `limits` is what is left when priority and fairness is switched off.
"""

from kajitori.apiserver.flowcontrol.build import START_HOOKS, build, limits

__all__ = ["START_HOOKS", "build", "limits"]
