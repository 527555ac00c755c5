"""`minikube version`."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from kajitori import __version__
from kajitori.aiokit.pflag import flag
from kajitori.minikube import MINIKUBE_VERSION
from kajitori.minikube.flags import GlobalOptions, read


@dataclass(frozen=True, kw_only=True)
class VersionOptions(GlobalOptions):
    short: bool = flag(False, "Print just the version number")
    components: bool = flag(False, "List the versions of all components")
    output: str = flag("", "yaml or json", short="o")


def run(argv: Sequence[str]) -> int:
    args = read(VersionOptions, argv, "version")
    facts = {"commit": f"kajitori-{__version__}", "minikubeVersion": MINIKUBE_VERSION}
    if args.output == "json":
        print(orjson.dumps(facts).decode())
    elif args.output == "yaml":
        print("".join(f"{key}: {value}\n" for key, value in facts.items()), end="")
    elif args.short:
        print(MINIKUBE_VERSION)
    else:
        print(f"minikube version: {MINIKUBE_VERSION}\ncommit: {facts['commit']}")
    return 0
