"""What every verb starts from: the home, the chosen profile, the options all verbs share. May import: cluster."""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import orjson

from kajitori.cluster import profile
from kajitori.cluster.failures import USAGE, ClusterFailure
from kajitori.cluster.paths import Home
from kajitori.cluster.profile import Profile

DEFAULT_PROFILE = "minikube"


class Parser(argparse.ArgumentParser):
    """Flags as Cobra takes them: no abbreviations, and a usage mistake is MK_USAGE."""

    def __init__(self, verb: str, description: str = "", usage: str | None = None) -> None:
        super().__init__(prog=f"minikube {verb}", description=description, usage=usage, allow_abbrev=False)
        add_global_flags(self)

    def error(self, message: str) -> NoReturn:
        raise ClusterFailure(USAGE, message, f'See "{self.prog} --help"')


def add_global_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-p", "--profile", default="", help="The name of the minikube cluster")
    for name in ("--alsologtostderr", "--logtostderr", "--skip-audit", "--rootless"):
        parser.add_argument(name, nargs="?", const="true", default="false", help=argparse.SUPPRESS)
    parser.add_argument("-v", "--v", "--verbosity", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--user", default="", help=argparse.SUPPRESS)


def flag(parser: argparse.ArgumentParser, *names: str, default: bool | None = False, about: str = "") -> None:
    """A boolean as Cobra takes it: `--x`, `--x=true`, `--x=false`."""
    parser.add_argument(*names, nargs="?", const=True, default=default, type=boolean, help=about)


def boolean(text: str) -> bool:
    if text.lower() in ("1", "t", "true"):
        return True
    if text.lower() in ("0", "f", "false"):
        return False
    raise argparse.ArgumentTypeError(f'invalid argument "{text}": strconv.ParseBool: parsing "{text}": invalid syntax')


@dataclass(frozen=True)
class Context:
    """Where we are: one home, one profile name."""

    home: Home
    name: str

    @classmethod
    def of(cls, chosen: str) -> "Context":
        home = Home.minikube()
        name = chosen or os.environ.get("MINIKUBE_PROFILE") or settings(home).get("profile") or DEFAULT_PROFILE
        profile.check_name(name)
        return cls(home, name)

    def profile(self) -> Profile:
        return profile.load(self.home, self.name)

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
