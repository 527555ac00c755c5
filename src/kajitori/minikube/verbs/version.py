"""`minikube version`."""

from collections.abc import Sequence

import orjson

from kajitori import __version__
from kajitori.minikube import MINIKUBE_VERSION
from kajitori.minikube.context import Parser, flag


def run(argv: Sequence[str]) -> int:
    parser = Parser("version", "Print the version of minikube")
    flag(parser, "--short", about="Print just the version number")
    flag(parser, "--components", about="List the versions of all components")
    parser.add_argument("-o", "--output", default="", help="yaml or json")
    args = parser.parse_args(argv)
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
