"""A cluster for the suite, in a home of its own, whose containerd pulls from a registry with the suite's images."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.images.registry import Registry
from tests.upstream import images
from tests.upstream.places import Places

BIN = Path(sys.prefix) / "bin"


@dataclass(frozen=True)
class Bed:
    """One named cluster and its registry; what belongs to them lies in one folder."""

    places: Places
    name: str

    @property
    def home(self) -> Path:
        return self.places.homes / self.name

    @property
    def kubeconfig(self) -> Path:
        return self.home / "kubeconfig"

    @property
    def state(self) -> Path:
        return self.home / "registry.json"

    def environ(self) -> dict[str, str]:
        port = json.loads(self.state.read_text())["port"]
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "MINIKUBE", "KAJITORI"))}
        return kept | {
            "HOME": str(self.home),
            "MINIKUBE_HOME": str(self.home),
            "KUBECONFIG": str(self.kubeconfig),
            "KAJITORI_ISOLATED": "1",
            "KAJITORI_REGISTRY_MIRROR": f"http://127.0.0.1:{port}",
            "MINIKUBE_IN_STYLE": "false",
            "PATH": f"{BIN}:{os.environ['PATH']}",
        }

    def is_up(self) -> bool:
        return self.kubeconfig.exists()

    def up(self) -> None:
        """Registry, images, cluster; a cluster that is there is started again where it has stopped."""
        self.home.mkdir(parents=True, exist_ok=True)
        if not self.state.exists():
            registry = Registry(self.places.images, recipes=partial(images.recipes, self.places))
            with filling(self.places):
                pid = registry.start(detached=True)
                self.state.write_text(json.dumps({"port": registry.port, "pid": pid}))
                registry.fill()
        self.minikube("start")

    def down(self) -> None:
        if not self.state.exists():
            return
        self.minikube("delete", "--all")
        with suppress(ProcessLookupError):
            os.kill(json.loads(self.state.read_text())["pid"], signal.SIGTERM)
        shutil.rmtree(self.home)

    def minikube(self, *words: str) -> None:
        subprocess.run([str(BIN / "minikube"), *words], env=self.environ(), check=True, stdout=sys.stderr)


@contextmanager
def filling(places: Places) -> Iterator[None]:
    """One process at a time builds and pushes images."""
    places.images.mkdir(parents=True, exist_ok=True)
    with (places.images / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
