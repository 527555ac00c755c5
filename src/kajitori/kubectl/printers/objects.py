"""Printers of whole objects (``-o name|yaml|json|jsonpath=…|go-template=…|custom-columns=…``) and of result lines.

    printer = printer_for(opts, "created", dry_run=opts.dry_run)   # prints `deployment.apps/web created` without -o
    printer.print(obj, ctx.streams.out)

May import: kubectl.{flags,globals,printers}; the formats lazily.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.globals import OutputOptions
from kajitori.kubectl.printers.names import name_of, qualified
from kajitori.kubectl.streams import Out

Wire = dict[str, Any]

STANDARD = (
    "go-template",
    "go-template-file",
    "json",
    "jsonpath",
    "jsonpath-as-json",
    "jsonpath-file",
    "name",
    "template",
    "templatefile",
    "yaml",
)


class ObjectPrinter(Protocol):
    """What `printer_for` gives."""

    def print(self, obj: Wire, out: Out) -> None:
        """Writes one object; may be called for many."""


@dataclass
class NamePrinter:
    """``pod/x`` for -o name, ``pod/x created`` as a result."""

    operation: str = ""

    def print(self, obj: Wire, out: Out) -> None:
        """Of a List every item."""
        items = obj.get("items")
        if isinstance(items, list) and str(obj.get("kind", "")).endswith("List"):
            for item in items:
                self.print(item, out)
            return
        out.write(f"{qualified(obj)} {self.operation}\n" if self.operation else f"{qualified(obj)}\n")


@dataclass
class YamlPrinter:
    """Documents after the first are set off by `---`, so one printer is to print all."""

    show_managed_fields: bool = False
    _count: int = 0

    def print(self, obj: Wire, out: Out) -> None:
        from kajitori.kubectl.printers import yamltext

        self._count += 1
        if self._count > 1:
            out.write("---\n")
        out.write(yamltext.dumps(obj if self.show_managed_fields else without_managed_fields(obj)))


@dataclass
class JsonPrinter:
    """`typed` orders keys as Go's structs do, which is what verbs print that build the object themselves."""

    show_managed_fields: bool = False
    typed: bool = False

    def print(self, obj: Wire, out: Out) -> None:
        from kajitori.kubectl.printers import goorder, jsontext

        shown = obj if self.show_managed_fields else without_managed_fields(obj)
        if self.typed:
            out.write(jsontext.dumps(goorder.ordered(shown), sort_keys=False) + "\n")
        else:
            out.write(jsontext.dumps(shown) + "\n")


@dataclass
class RenderPrinter:
    """A template of some kind: text → function of the object."""

    render: Callable[[Wire], str]

    def print(self, obj: Wire, out: Out) -> None:
        out.write(self.render(obj))


@dataclass
class Silent:
    """Prints nothing (``-o ""`` where a verb has no result line)."""

    seen: list[str] = field(default_factory=list)

    def print(self, obj: Wire, out: Out) -> None:
        self.seen.append(name_of(obj))


def printer_for(
    opts: OutputOptions,
    operation: str = "",
    *,
    dry_run: str = "none",
    typed: bool = False,
    allowed: tuple[str, ...] = STANDARD,
) -> ObjectPrinter:
    """The printer for ``-o``; without it, the one for result lines. Raises UsageError for an unknown format."""
    form, equals, argument = opts.output.partition("=")
    if not form and not opts.template:
        return NamePrinter(with_dry_run(operation, dry_run))
    if not form:
        form = "go-template"
    if form == "name" and not equals:
        return NamePrinter()
    if form == "yaml" and not equals:
        return YamlPrinter(opts.show_managed_fields)
    if form == "json" and not equals:
        return JsonPrinter(opts.show_managed_fields, typed)
    render = _template(form, argument if equals else opts.template, opts)
    if render is None:
        raise unknown_format(opts.output, allowed)
    return RenderPrinter(render)


def with_dry_run(operation: str, dry_run: str) -> str:
    """``created (dry run)``."""
    suffix = {"client": " (dry run)", "server": " (server dry run)"}.get(dry_run, "")
    return operation + suffix


def unknown_format(output: str, allowed: tuple[str, ...]) -> UsageError:
    """The error to raise, in upstream's words."""
    return UsageError(
        f'error: unable to match a printer suitable for the output format "{output}", '
        f"allowed formats are: {','.join(allowed)}"
    )


def _template(form: str, argument: str, opts: OutputOptions) -> Callable[[Wire], str] | None:
    if form in ("go-template", "template", "go-template-file", "templatefile"):
        if not argument:
            raise UsageError("error: template format specified but no template given")
        source = _from_file(form, argument)
        return go_template(source, allow_missing=opts.allow_missing_template_keys)
    if form in ("jsonpath", "jsonpath-as-json", "jsonpath-file"):
        if not argument:
            raise UsageError("error: template format specified but no template given")
        from kajitori.kubectl.templates.jsonpath import JSONPath

        path = JSONPath(_from_file(form, argument), allow_missing_keys=opts.allow_missing_template_keys)
        return path.render_json if form == "jsonpath-as-json" else path.render
    return None


def go_template(source: str, *, allow_missing: bool) -> Callable[[Wire], str]:
    """A function that renders. It, and making it, raise `UsageError` with what upstream says of the template."""
    from kajitori.kubectl.templates.golex import TemplateError
    from kajitori.kubectl.templates.gotemplate import Template

    try:
        template = Template(source, missing_is_error=not allow_missing)
    except TemplateError as error:
        raise UsageError(f"error: error parsing template {source}, {error}") from error

    def render(obj: Wire) -> str:
        try:
            return template.render(obj)
        except TemplateError as error:
            raise UsageError(f"error: error executing template {go_quote(source)}: {error}") from error

    return render


def go_quote(text: str) -> str:
    """Go's %q, near enough for messages."""
    import json

    return json.dumps(text, ensure_ascii=False)


def _from_file(form: str, argument: str) -> str:
    if not form.endswith("file"):
        return argument
    try:
        return Path(argument).read_text()
    except OSError as error:
        reason = (error.strerror or "").lower()
        raise UsageError(f"error: error reading --template {argument}, open {argument}: {reason}") from error


def without_managed_fields(obj: Wire) -> Wire:
    """The object (or each item of a list) without ``metadata.managedFields``."""
    items = obj.get("items")
    if isinstance(items, list) and str(obj.get("kind", "")).endswith("List"):
        return {**obj, "items": [without_managed_fields(item) for item in items]}
    meta = obj.get("metadata")
    if not isinstance(meta, dict) or "managedFields" not in meta:
        return obj
    return {**obj, "metadata": {key: value for key, value in meta.items() if key != "managedFields"}}
