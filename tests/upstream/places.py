"""Where upstream's sources and what is built of them lie: outside this repository, kept between runs.

`KAJITORI_UPSTREAM` names the folder (`~/.cache/kajitori/upstream` without it):

    source/                        Debian's source package as apt-get fetched it
    gopath/src/k8s.io/kubernetes/  the tree, unpacked and edited (edits.py)
    bin/                           e2e.test and the programs of the test images
    images/                        the registry's storage
    homes/                         homes of clusters while they run
"""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Places:
    root: Path

    @classmethod
    def chosen(cls) -> "Places":
        return cls(Path(os.environ.get("KAJITORI_UPSTREAM") or Path.home() / ".cache/kajitori/upstream"))

    @property
    def tree(self) -> Path:
        return self.root / "gopath/src/k8s.io/kubernetes"

    @property
    def bin(self) -> Path:
        return self.root / "bin"

    @property
    def images(self) -> Path:
        return self.root / "images"

    @property
    def homes(self) -> Path:
        return self.root / "homes"

    def go_environ(self) -> dict[str, str]:
        """Builds know this tree alone: no modules, no proxy, no C compiler."""
        own = {
            "GO111MODULE": "off",
            "GOPROXY": "off",
            "GOPATH": str(self.root / "gopath"),
            "GOCACHE": str(self.root / "gocache"),
            "CGO_ENABLED": "0",
            "PATH": f"{self.bin}:{os.environ['PATH']}",
        }
        return {key: value for key, value in os.environ.items() if key != "GOFLAGS"} | own
