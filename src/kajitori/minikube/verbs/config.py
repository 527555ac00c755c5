"""`minikube config set|get|unset|view`: values that later commands take as their defaults."""

from collections.abc import Sequence

from kajitori.cluster.failures import USAGE, ClusterFailure
from kajitori.minikube import output
from kajitori.minikube.context import Context, save_settings, settings
from kajitori.minikube.flags import GlobalOptions, action_of, read

NAMES = ("cpus", "driver", "memory", "profile")


def run(argv: Sequence[str]) -> int:
    args = read(GlobalOptions, argv, "config", usage="set|get|unset|view [NAME] [VALUE] [flags]", max_args=3)
    action, words = action_of(args, "config", ("set", "get", "unset", "view"))
    name, value = (*words, "", "")[:2]
    home = Context.of(args.profile).home
    values = settings(home)
    if action == "view":
        print("".join(f"- {name}: {value}\n" for name, value in sorted(values.items())), end="")
        return 0
    if name not in NAMES:
        raise ClusterFailure(USAGE, f'property name "{name}" not found', f"Known: {', '.join(NAMES)}")
    if action == "get":
        if name not in values:
            raise ClusterFailure(USAGE, "specified key could not be found in config", "")
        print(values[name])
        return 0
    if action == "set":
        values[name] = value
        output.warn("These changes will take effect upon a minikube delete and then a minikube start")
    else:
        values.pop(name, None)
    save_settings(home, values)
    return 0
