"""What kind calls things: clusters, nodes, and the options its commands share. May import: cluster."""

import argparse
import os

from kajitori.cluster import profile
from kajitori.cluster.failures import PROFILE_NOT_FOUND, ClusterFailure
from kajitori.cluster.paths import Home
from kajitori.cluster.profile import Profile


def parser(command: str, description: str) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog=f"kind {command}", description=description, allow_abbrev=False)
    made.add_argument("-q", "--quiet", action="store_true", help="silence all stderr output")
    made.add_argument("-v", "--verbosity", type=int, default=0, help=argparse.SUPPRESS)
    return made


def add_name(made: argparse.ArgumentParser) -> None:
    default = os.environ.get("KIND_CLUSTER_NAME", "kind")
    made.add_argument("-n", "--name", default=default, help="the cluster's name")


def control_plane(cluster: str) -> str:
    return f"{cluster}-control-plane"


def load(home: Home, name: str) -> Profile:
    """The cluster, or kind's words for one that is not there."""
    if name not in profile.names(home):
        raise ClusterFailure(PROFILE_NOT_FOUND, f'no nodes found for cluster "{name}"', "")
    return profile.load(home, name)
