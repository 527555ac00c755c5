"""Pod templates inside workloads, and topology spread constraints. May import: kubectl.describers."""

from __future__ import annotations

from kajitori.kubectl.describers.containers import Section
from kajitori.kubectl.describers.marks import labels, selector_text, tolerations, write_annotations
from kajitori.kubectl.describers.page import Page
from kajitori.kubectl.describers.volumes import write_volumes
from kajitori.kubectl.describers.wire import Wire, meta, spec


def write_template(page: Page, template: Wire | None) -> None:
    """None is a workload without a template (an old ReplicationController)."""
    page.row(0, "Pod Template:")
    if template is None:
        page.write(1, "<unset>")
        return
    labels(page, "  Labels", meta(template, "labels", {}))
    if meta(template, "annotations"):
        write_annotations(page, "  Annotations", meta(template, "annotations"))
    if spec(template, "serviceAccountName"):
        page.row(1, "Service Account:", spec(template, "serviceAccountName"))
    if spec(template, "initContainers"):
        Section("Init Containers", spec(template, "initContainers"), [], "  ").write(page)
    Section("Containers", spec(template, "containers", default=[]), [], "  ").write(page)
    write_volumes(page, spec(template, "volumes", default=[]), "  ")
    write_spread(page, spec(template, "topologySpreadConstraints", default=[]), "  ")
    if spec(template, "priorityClassName"):
        page.row(1, "Priority Class Name:", spec(template, "priorityClassName"))
    labels(page, "  Node-Selectors", spec(template, "nodeSelector", default={}))
    tolerations(page, "  Tolerations", spec(template, "tolerations", default=[]))


def write_spread(page: Page, constraints: list[Wire], indent: str = "") -> None:
    """By topology key; nothing where there are none."""
    if not constraints:
        return
    page.write(0, f"{indent}Topology Spread Constraints:\t")
    for position, one in enumerate(sorted(constraints, key=lambda c: c.get("topologyKey", ""))):
        if position:
            page.write(0, f"{indent}\t")
        text = f"{one.get('topologyKey', '')}:{one.get('whenUnsatisfiable', '')}"
        text += f" when max skew {one.get('maxSkew', 0)} is exceeded"
        if one.get("labelSelector") is not None:
            text += f" for selector {selector_text(one['labelSelector'])}"
        page.write(0, text + "\n")
