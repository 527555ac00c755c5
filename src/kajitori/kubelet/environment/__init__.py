"""The environment of a container: variables of its spec, of ConfigMaps, Secrets and the Pod itself, and of Services.

`build` makes the whole list, `expand` resolves `$(NAME)`; `fields` and `resources` are shared with downward API
volumes. May import: api, machinery, kubelet.interfaces.
"""

from kajitori.kubelet.environment.build import build
from kajitori.kubelet.environment.expansion import expand

__all__ = ["build", "expand"]
