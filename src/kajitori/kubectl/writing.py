"""What verbs that write share: validation, save-config and selection flags, the last-applied annotation, creating.

May import: kubectl; client lazily.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.flags import HelpfulError, Options, UsageError, flag
from kajitori.kubectl.globals import DryRunOptions, OutputOptions
from kajitori.kubectl.printers.objects import printer_for
from kajitori.machinery.errors import StatusError

if TYPE_CHECKING:
    from kajitori.client.dynamic import Addressable
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.resources.infos import Info

Wire = dict[str, Any]
UNWRAPPED = ("Namespace", "Role", "ClusterRole")  # whose errors upstream passes on as they are
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


@dataclass(frozen=True, kw_only=True)
class ValidateOptions(Options):
    """``--validate=strict|warn|ignore``."""

    validate_: str = flag(
        "strict",
        'Must be one of: strict (or true), warn, ignore (or false). "strict" refuses unknown and duplicate fields, '
        '"warn" only warns of them, "ignore" drops them in silence.',
        name="validate",
        no_value="strict",
    )

    def validate(self) -> None:
        super().validate()
        self.field_validation  # noqa: B018 (raises where the value is unknown)

    @property
    def field_validation(self) -> str:
        """The query parameter that says so."""
        levels = {"strict": "Strict", "true": "Strict", "warn": "Warn", "ignore": "Ignore", "false": "Ignore"}
        found = levels.get(self.validate_.lower())
        if found is None:
            raise UsageError(
                f"error: invalid - validate option {self.validate_}; must be one of: strict (or true), warn, "
                "ignore (or false)"
            )
        return found


@dataclass(frozen=True, kw_only=True)
class SaveConfigOptions(Options):
    """For verbs that may leave the last-applied annotation."""

    save_config: bool = flag(
        False, "Keep the configuration in the object's annotation, for a later kubectl apply of the object."
    )


@dataclass(frozen=True, kw_only=True)
class SelectorOptions(Options):
    """For verbs that take -l."""

    selector: str = flag(
        "",
        "Selector (label query) to filter on, supports '=', '==', '!=', 'in', 'notin'. "
        "Matching objects must satisfy all of the constraints.",
        short="l",
    )

    def selected(self, infos: list[Info]) -> list[Info]:
        """Those of them that -l means; all without it."""
        if not self.selector:
            return infos
        from kajitori.machinery.labels import Selector

        selector = Selector.parse(self.selector)
        return [info for info in infos if selector.matches((info.object.get("metadata") or {}).get("labels"))]


@dataclass(frozen=True, kw_only=True)
class CreateOptions(DryRunOptions, OutputOptions, ValidateOptions, SaveConfigOptions):
    """What every ``create X`` takes."""

    field_manager: str = flag("kubectl-create", "Name of the manager used to track field ownership.")


def words(opts: Options) -> tuple[str, ...]:
    """The arguments before ``--``."""
    after = opts.args_after_dash
    return opts.args if after is None else opts.args[: len(opts.args) - len(after)]


def only_name(opts: Options, command: str) -> str:
    """The one NAME that the command wants."""
    names = words(opts)
    if len(names) != 1:
        raise HelpfulError(command, f"exactly one NAME is required, got {len(names)}")
    return names[0]


def with_last_applied(obj: Wire) -> Wire:
    """A copy that carries its own configuration as an annotation."""
    whole = copy.deepcopy(obj)
    meta = whole.setdefault("metadata", {})
    annotations = {key: value for key, value in (meta.get("annotations") or {}).items() if key != LAST_APPLIED}
    meta["annotations"] = annotations
    meta["annotations"] = annotations | {LAST_APPLIED: configuration_of(whole)}
    return whole


def configuration_of(obj: Wire) -> str:
    """The configuration that the annotation holds: the object as JSON in one line, without the annotation itself."""
    from kajitori.kubectl.printers.jsontext import dumps

    return dumps(obj, indent=None) + "\n"


def typed_configuration_of(obj: Wire) -> str:
    """The same for an object that a verb made, whose keys stand in Go's order."""
    from kajitori.kubectl.printers.goorder import ordered
    from kajitori.kubectl.printers.jsontext import dumps

    return dumps(ordered(obj), indent=None, sort_keys=False) + "\n"


def named_source(error: Exception, verb: str, source: str) -> Exception:
    """An error of one object with the file it came from, as upstream says it."""
    if source and isinstance(error, StatusError):
        error.message = f'error when {verb} "{source}": {error.message}'
        error.args = (error.message,)
    return error


def _failing(obj: Wire) -> str:
    """What upstream's message calls the thing that could not be created."""
    match obj["kind"]:
        case "Secret":
            return "secret"
        case "Service":
            return f"{obj['spec']['type']} service:"
        case "ResourceQuota":
            return "quota:"
        case "PodDisruptionBudget":
            return "poddisruptionbudgets:"
    return f"{obj['kind'].lower()}:"


async def create_built(
    opts: CreateOptions, ctx: Context, obj: Wire, resource: Addressable, *, namespaced: bool = True
) -> None:
    """Sends an object that this kubectl made (or, with --dry-run=client, does not) and prints the outcome."""
    printer = printer_for(opts, "created", dry_run=opts.dry_run, typed=True)
    if namespaced and ctx.namespace_is_explicit:
        obj["metadata"]["namespace"] = ctx.namespace
    if opts.save_config:
        obj["metadata"].setdefault("annotations", {})[LAST_APPLIED] = typed_configuration_of(obj)
    if not opts.dry_run_client:
        if obj["kind"] not in UNWRAPPED:
            ctx.set_out(f"failed to create {_failing(obj)}")
        try:
            answer = await ctx.client().create(
                resource,
                obj,
                namespace=ctx.namespace if namespaced else None,
                field_manager=opts.field_manager,
                field_validation=opts.field_validation,
                dry_run=opts.dry_run_server,
            )
        except StatusError as error:
            if obj["kind"] in UNWRAPPED:
                raise
            raise UsageError(f"error: failed to create {_failing(obj)} {error.message}") from error
        obj = {"kind": obj["kind"], "apiVersion": obj["apiVersion"]} | answer
    printer.print(obj, ctx.streams.out)
