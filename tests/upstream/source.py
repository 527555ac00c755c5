"""Fetches Debian's source package `kubernetes` and builds the suite and its programs with Debian's Go.

A first build takes about eight minutes of two cores; later ones as long as Go needs to see that nothing changed.
"""

import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path

from tests.upstream import edits
from tests.upstream.places import Places

SOURCES_LIST = (
    "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian bookworm main\n"
)

# package → program; what the images need is installed as scripts/install does it: only what is missing
BUILD_NEEDS = {"golang-go": "go", "dpkg-dev": "dpkg-source"}
IMAGE_NEEDS = {
    "apache2-bin": "apache2",
    "bind9-dnsutils": "dig",
    "etcd-server": "etcd",
    "iperf": "iperf",
    "netcat-openbsd": "nc.openbsd",
    "nginx": "nginx",
}

PROGRAMS = {
    "agnhost": "test/images/agnhost",
    "sample-apiserver": "vendor/k8s.io/sample-apiserver",
    "consumer": "test/images/resource-consumer",
    "consume-cpu": "test/images/resource-consumer/consume-cpu",
    "nnp": "test/images/nonewprivs",
    "regression-issue-74839": "test/images/regression-issue-74839",
}

# What hack/generate-bindata.sh packs into the suite; without it the tests that read manifests have none.
BINDATA = (
    "test/conformance/testdata",
    "test/e2e/testing-manifests",
    "test/e2e_node/testing-manifests",
    "test/images",
    "test/fixtures",
)


def prepare(places: Places) -> None:
    """Everything under `places.bin`, built of the edited tree."""
    install({**BUILD_NEEDS, **IMAGE_NEEDS})
    if not places.tree.is_dir():
        fetch(places)
    changed = edits.apply(places.tree)
    if not (places.bin / "e2e.test").exists() or changed:
        build_suite(places)
    for name, package in PROGRAMS.items():
        if not (places.bin / name).exists():
            go(places, "build", "-o", str(places.bin / name), f"k8s.io/kubernetes/{package}")


def install(needs: dict[str, str]) -> None:
    missing = [
        package
        for package, program in needs.items()
        if subprocess.call(["sh", "-c", f"command -v {program} >/dev/null"])
    ]
    if missing:
        subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", *missing], check=True)


def fetch(places: Places) -> None:
    """The original tarball of the source package, with lists of its own: this machine's sources stay as they are."""
    folder = places.root / "source"
    (folder / "lists/partial").mkdir(parents=True, exist_ok=True)
    sources = folder / "src.list"
    sources.write_text(SOURCES_LIST)
    options = [
        f"-oDir::Etc::SourceList={sources}",
        "-oDir::Etc::SourceParts=/nonexistent",
        f"-oDir::State::Lists={folder / 'lists'}",
        "-oAPT::Sandbox::User=root",
    ]
    run(["apt-get", *options, "update"], folder)
    run(["apt-get", *options, "--download-only", "source", "kubernetes"], folder)
    (original,) = folder.glob("kubernetes_*.orig.tar.gz")
    unpacked = folder / "unpacked"
    with tarfile.open(original) as archive:
        archive.extractall(unpacked, filter="tar")
    (top,) = unpacked.iterdir()
    places.tree.parent.mkdir(parents=True, exist_ok=True)
    top.rename(places.tree)


def build_suite(places: Places) -> None:
    places.bin.mkdir(parents=True, exist_ok=True)
    go(
        places,
        "build",
        "-o",
        str(places.bin / "go-bindata"),
        "k8s.io/kubernetes/vendor/github.com/go-bindata/go-bindata/go-bindata",
    )
    bindata(places)
    go(places, "test", "-c", "-vet=off", "-o", str(places.bin / "e2e.test"), "k8s.io/kubernetes/test/e2e")


def bindata(places: Places) -> None:
    target = places.tree / "test/e2e/generated/bindata.go"
    if target.exists():
        return
    ignored = [word for suffix in ("jpg", "png", "md") for word in ("-ignore", rf"\.{suffix}")]
    folders = [f"{folder}/..." for folder in BINDATA if (places.tree / folder).is_dir()]
    words = [str(places.bin / "go-bindata"), "-nometadata", "-o", str(target), "-pkg", "generated", *ignored]
    run([*words, "-ignore", r"BUILD(\.bazel)?", *folders], places.tree)


def go(places: Places, *words: str) -> None:
    subprocess.run(["nice", "-n", "10", "go", *words], cwd=places.tree, env=places.go_environ(), check=True)


def run(words: Sequence[str], folder: Path) -> None:
    subprocess.run(words, cwd=folder, check=True)
