"""`minikube config set|get|unset|view`: values that later commands take as their defaults."""

from collections.abc import Sequence

from kajitori.cluster.failures import USAGE, ClusterFailure
from kajitori.minikube import output
from kajitori.minikube.context import Context, Parser, save_settings, settings

NAMES = ("cpus", "driver", "memory", "profile")


def run(argv: Sequence[str]) -> int:
    parser = Parser("config", "Modify persistent configuration values")
    parser.add_argument("action", choices=["set", "get", "unset", "view"])
    parser.add_argument("name", nargs="?", default="")
    parser.add_argument("value", nargs="?", default="")
    args = parser.parse_args(argv)
    home = Context.of(args.profile).home
    values = settings(home)
    if args.action == "view":
        print("".join(f"- {name}: {value}\n" for name, value in sorted(values.items())), end="")
        return 0
    if args.name not in NAMES:
        raise ClusterFailure(USAGE, f'property name "{args.name}" not found', f"Known: {', '.join(NAMES)}")
    if args.action == "get":
        if args.name not in values:
            raise ClusterFailure(USAGE, "specified key could not be found in config", "")
        print(values[args.name])
        return 0
    if args.action == "set":
        values[args.name] = args.value
        output.warn("These changes will take effect upon a minikube delete and then a minikube start")
    else:
        values.pop(args.name, None)
    save_settings(home, values)
    return 0
