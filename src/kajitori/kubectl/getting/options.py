"""What ``kubectl get`` may be asked for. May import: kubectl.{flags,globals}."""

from __future__ import annotations

from dataclasses import dataclass

from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.globals import FilenameOptions, OutputOptions


@dataclass(frozen=True, kw_only=True)
class GetOptions(OutputOptions, FilenameOptions):
    all_namespaces: bool = flag(
        False, "Look in all namespaces; the current namespace and --namespace do not matter then.", short="A"
    )
    chunk_size: int = flag(500, "Fetch large lists in pages of this size; 0 asks for everything at once.")
    field_selector: str = flag("", "Selector (field query) to filter on, supports '=', '==', and '!='.")
    ignore_not_found: bool = flag(False, "An object that does not exist is no error.")
    label_columns: tuple[str, ...] = flag(
        (), "Labels to show as columns of their own, separated by commas; may be repeated.", short="L"
    )
    no_headers: bool = flag(False, "Leave out the header of tables and custom columns.")
    output: str = flag(
        "",
        "Output format. One of: (json, yaml, name, go-template, go-template-file, template, templatefile, jsonpath, "
        "jsonpath-as-json, jsonpath-file, custom-columns, custom-columns-file, wide).",
        short="o",
    )
    output_watch_events: bool = flag(
        False, "With --watch or --watch-only, print what happened in front of each object."
    )
    raw: str = flag("", "Path to fetch from the server as it is.")
    selector: str = flag("", "Selector (label query) to filter on, supports '=', '==', '!=', 'in', 'notin'.", short="l")
    server_print: bool = flag(True, "If true, have the server return the appropriate table output.")
    show_kind: bool = flag(False, "If present, list the resource type for the requested object(s).")
    show_labels: bool = flag(False, "Show all labels as the last column.")
    sort_by: str = flag("", "Sort by this JSONPath expression, e.g. '{.metadata.name}'.")
    subresource: str = flag("", "If specified, gets the subresource of the requested object.")
    watch: bool = flag(False, "Go on watching for changes after the list.", short="w")
    watch_only: bool = flag(False, "Watch for changes without listing first.")

    def validate(self) -> None:
        if self.raw:
            self._validate_raw()
        if self.output_watch_events and not (self.watch or self.watch_only):
            raise UsageError("error: --output-watch-events option can only be used with --watch or --watch-only")
        if self.show_labels and self.output and self.output != "wide":
            raise UsageError(
                "error: --show-labels option cannot be used with " + self.output.partition("=")[0] + " printer"
            )

    def _validate_raw(self) -> None:
        if self.args or self.filename or self.selector:
            raise UsageError("error: arguments may not be passed when --raw is specified")
        if self.watch or self.watch_only:
            raise UsageError(
                "error: --raw may not be specified with other flags that filter the server request or alter the output"
            )

    @property
    def is_table(self) -> bool:
        """Whether people read it: the server's table, plain or wide."""
        return self.output in ("", "wide") and not self.template
