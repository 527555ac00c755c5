"""Where a cluster lives on disk: the home (`~/.minikube`), a profile in it, a node's machine directory.

    HOME/ca.{crt,key}                    one authority for all profiles, as minikube keeps it
    HOME/profiles/PROFILE/               config.json and the client's credentials
    HOME/machines/NODE/                  what the node's sandbox is made of: bundle/, etc/, var/
    HOME/cache/                          can be deleted at any time

Names that live outside the home (bridge, cgroup, container, nftables table) carry a tag made of home and profile, so
two homes on one host never meet. May import: nothing of Kajitori.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

RUNTIME_DIR = Path("/run/kajitori")
"""Host state that does not outlive a boot: runc's, the locks, the keepers' records."""


@dataclass(frozen=True)
class Home:
    """One tree of profiles and machines."""

    root: Path

    @classmethod
    def minikube(cls) -> "Home":
        """`$MINIKUBE_HOME/.minikube`, or `~/.minikube`."""
        base = os.environ.get("MINIKUBE_HOME")
        if not base:
            return cls(Path.home() / ".minikube")
        path = Path(base).absolute()
        return cls(path if path.name == ".minikube" else path / ".minikube")

    @classmethod
    def kind(cls) -> "Home":
        """`$KIND_HOME`, or `~/.kind`: the clusters of the `kind` command line."""
        return cls(Path(os.environ.get("KIND_HOME") or Path.home() / ".kind").absolute())

    @property
    def ca_cert(self) -> Path:
        return self.root / "ca.crt"

    @property
    def ca_key(self) -> Path:
        return self.root / "ca.key"

    @property
    def profiles(self) -> Path:
        return self.root / "profiles"

    @property
    def machines(self) -> Path:
        return self.root / "machines"

    def profile(self, name: str) -> Path:
        return self.profiles / name

    def machine(self, node: str) -> "Machine":
        return Machine(self.machines / node)

    def tag(self, profile: str) -> str:
        """Eight characters that name this profile of this home in the host's own name spaces."""
        return hashlib.sha256(f"{self.root}\0{profile}".encode()).hexdigest()[:8]


@dataclass(frozen=True)
class Machine:
    """The directory of one node; `etc` and `var` are the node's /etc and /var."""

    root: Path

    @property
    def bundle(self) -> Path:
        return self.root / "bundle"

    @property
    def rootfs(self) -> Path:
        return self.bundle / "rootfs"

    @property
    def etc(self) -> Path:
        return self.root / "etc"

    @property
    def var(self) -> Path:
        return self.root / "var"

    @property
    def kubernetes(self) -> Path:
        return self.etc / "kubernetes"

    @property
    def pki(self) -> Path:
        return self.kubernetes / "pki"

    @property
    def manifests(self) -> Path:
        return self.kubernetes / "manifests"
