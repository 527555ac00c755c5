"""What kind calls things: clusters, nodes, and the options its commands share. May import: aiokit.pflag, cluster."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from kajitori.aiokit.pflag import Options, flag, parse
from kajitori.cluster import profile
from kajitori.cluster.failures import PROFILE_NOT_FOUND, ClusterFailure
from kajitori.cluster.paths import Home
from kajitori.cluster.profile import Profile


@dataclass(frozen=True, kw_only=True)
class GlobalOptions(Options):
    quiet: bool = flag(False, "silence all stderr output", short="q")
    verbosity: int = flag(0, "", short="v", hidden=True)


@dataclass(frozen=True, kw_only=True)
class NamedOptions(GlobalOptions):
    name: str = flag("kind", "the cluster's name; $KIND_CLUSTER_NAME is its default", short="n")

    @property
    def cluster(self) -> str:
        return self.name if "name" in self.given else os.environ.get("KIND_CLUSTER_NAME", self.name)


T = TypeVar("T", bound=GlobalOptions)


def read(options: type[T], argv: Sequence[str], command: str, about: str, *, max_args: int | None = 0) -> T:
    """A command's own command line (None: any number of arguments). Raises UsageError, HelpRequested."""
    return parse(options, argv, program=f"kind {command}", about=about, max_args=max_args)


def control_plane(cluster: str) -> str:
    return f"{cluster}-control-plane"


def load(home: Home, name: str) -> Profile:
    """The cluster, or kind's words for one that is not there."""
    if name not in profile.names(home):
        raise ClusterFailure(PROFILE_NOT_FOUND, f'no nodes found for cluster "{name}"', "")
    return profile.load(home, name)
