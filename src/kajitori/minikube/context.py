"""What every verb starts from: the home, the chosen profile, what `minikube config` keeps. May import: cluster."""

import os
from dataclasses import dataclass
from pathlib import Path

import orjson

from kajitori.cluster import profile
from kajitori.cluster.failures import PROFILE_NOT_FOUND, ClusterFailure
from kajitori.cluster.paths import Home
from kajitori.cluster.profile import Profile

DEFAULT_PROFILE = "minikube"


class ProfileMissing(ClusterFailure):
    """The chosen profile does not exist (yet)."""


@dataclass(frozen=True)
class Context:
    """Where we are: one home, one profile name."""

    home: Home
    name: str

    @classmethod
    def of(cls, chosen: str) -> "Context":
        """The profile named by flag, $MINIKUBE_PROFILE or `minikube profile`. Raises for a name that cannot be one."""
        home = Home.minikube()
        name = chosen or os.environ.get("MINIKUBE_PROFILE") or settings(home).get("profile") or DEFAULT_PROFILE
        profile.check_name(name)
        return cls(home, name)

    def profile(self) -> Profile:
        """The chosen cluster's description. Raises ProfileMissing, ClusterFailure."""
        try:
            return profile.load(self.home, self.name)
        except ClusterFailure as failure:
            if failure.reason != PROFILE_NOT_FOUND:
                raise
            raise ProfileMissing(
                PROFILE_NOT_FOUND,
                f'{failure} Run "minikube profile list" to view all profiles.',
                f'To start a cluster, run: "minikube start{self.hint}"',
            ) from None

    @property
    def hint(self) -> str:
        """What to add to a suggested command."""
        return "" if self.name == DEFAULT_PROFILE else f" -p {self.name}"


def settings_path(home: Home) -> Path:
    return home.root / "config/config.json"


def settings(home: Home) -> dict[str, str]:
    """What `minikube config set` keeps."""
    try:
        return dict(orjson.loads(settings_path(home).read_bytes()))
    except (FileNotFoundError, orjson.JSONDecodeError):
        return {}


def save_settings(home: Home, values: dict[str, str]) -> None:
    path = settings_path(home)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps(values, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))
