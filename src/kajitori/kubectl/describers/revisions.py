"""Which replica sets of a deployment are old and which one is new: the new one has the deployment's template.

Pure. May import: kubectl.describers.wire.
"""

from __future__ import annotations

from kajitori.kubectl.describers.wire import Wire, controller_of, dig, meta, spec

HASH = "pod-template-hash"


def split_replica_sets(deployment: Wire, found: list[Wire]) -> tuple[list[Wire], Wire | None]:
    """(old with pods or without, new); replica sets of others are left out."""
    own = [one for one in found if (controller_of(one) or {}).get("uid") == meta(deployment, "uid")]
    new = new_replica_set(deployment, own)
    return [one for one in own if new is None or meta(one, "uid") != meta(new, "uid")], new


def new_replica_set(deployment: Wire, own: list[Wire]) -> Wire | None:
    """The oldest with an equal template, as upstream picks it where several have one."""
    wanted = spec(deployment, "template", default={})
    for one in sorted(own, key=lambda rs: (meta(rs, "creationTimestamp"), meta(rs, "name"))):
        if same_template(spec(one, "template", default={}), wanted):
            return one
    return None


def same_template(a: Wire, b: Wire) -> bool:
    """Equal but for the hash label that the deployment controller adds."""
    return _bare(a) == _bare(b)


def _bare(template: Wire) -> Wire:
    labels = {key: value for key, value in dig(template, "metadata", "labels", default={}).items() if key != HASH}
    metadata = {key: value for key, value in (template.get("metadata") or {}).items() if value is not None}
    return {**template, "metadata": {**metadata, "labels": labels}}
