"""What ``kubectl apply`` may be asked for. May import: kubectl.{flags,globals,writing}."""

from __future__ import annotations

from dataclasses import dataclass

from kajitori.kubectl.flags import Duration, UsageError, flag
from kajitori.kubectl.globals import DryRunOptions, FilenameOptions, OutputOptions
from kajitori.kubectl.writing import SelectorOptions, ValidateOptions


@dataclass(frozen=True, kw_only=True)
class ApplyOptions(DryRunOptions, OutputOptions, FilenameOptions, SelectorOptions, ValidateOptions):
    all_: bool = flag(False, "Select all resources in the namespace of the specified resource types.", name="all")
    cascade: str = flag("background", "With --prune and --force, what becomes of dependents.", no_value="background")
    field_manager: str = flag("kubectl-client-side-apply", "Name of the manager used to track field ownership.")
    force: bool = flag(False, "Delete and create an object anew where it cannot be changed.")
    force_conflicts: bool = flag(False, "With --server-side, take over fields that others manage.")
    grace_period: int = flag(-1, "With --prune and --force, seconds that objects get to end gracefully.")
    openapi_patch: bool = flag(True, "Compute differences by the server's schema where the kind is not built in.")
    overwrite: bool = flag(True, "Settle conflicts between the changed and the live configuration by the changed one.")
    prune: bool = flag(
        False, "Delete objects that were applied before and are in the files no more. Needs --all or -l."
    )
    prune_allowlist: tuple[str, ...] = flag((), "With --prune, group/version/kind of what may be deleted.", split=False)
    server_side: bool = flag(False, "If true, apply runs in the server instead of the client.")
    subresource: str = flag("", "With --server-side, the subresource to apply to.")
    timeout: Duration = flag(Duration(0), "With --force, how long to wait for a deletion.")
    wait: bool = flag(False, "With --prune, wait for deleted objects to be gone.")

    def validate(self) -> None:
        super().validate()
        if self.force_conflicts and not self.server_side:
            raise UsageError("error: --force-conflicts only works with --server-side")
        if self.dry_run_client and self.server_side:
            raise UsageError(
                "error: --dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)"
            )
        if self.force and self.server_side:
            raise UsageError("error: --force cannot be used with --server-side")
        if self.prune and not self.all_ and not self.selector:
            raise UsageError(
                "error: all resources selected for prune without explicitly passing --all. To prune all "
                "resources, pass the --all flag. If you did not mean to prune all resources, specify a "
                "label selector"
            )
        if self.all_ and self.selector:
            raise UsageError("error: cannot set --all and --selector at the same time")

    @property
    def manager(self) -> str:
        if self.server_side and "field-manager" not in self.given:
            return "kubectl"
        return self.field_manager
