"""Which type may stand for which: what overloads, conditionals and written-out elements are matched by.

May import: cel.types.
"""

from __future__ import annotations

from collections.abc import Sequence

from kajitori.cel.types import DURATION, DYN, TIMESTAMP, ObjectType, Type

Bindings = dict[str, Type]


def assignable(want: Type, have: Type, bound: Bindings) -> bool:
    """Whether a value of one type may stand where the other is wanted; type parameters are bound on the way."""
    if want.kind.startswith("?"):
        known = bound.get(want.kind)
        if known is None or known is DYN or known.kind == "null_type":
            bound[want.kind] = have
            return True
        return assignable(known, have, bound) or _widens(want.kind, known, have, bound)
    if want is DYN or have is DYN or want.kind == "dyn" or have.kind in ("dyn", "!error!"):
        return True
    if have.kind == "null_type":
        return isinstance(want, ObjectType) or want.kind in _NULLABLE or want.kind == "null_type"
    if want.kind == "null_type":
        return isinstance(have, ObjectType) or have.kind in _NULLABLE
    if want.kind == have.kind == "type":
        return True
    if want.kind != have.kind or len(want.params) != len(have.params):
        return False
    return all(assignable(w, h, bound) for w, h in zip(want.params, have.params, strict=True))


_NULLABLE = frozenset({TIMESTAMP.kind, DURATION.kind, "optional_type"})


def _widens(name: str, known: Type, have: Type, bound: Bindings) -> bool:
    """A parameter bound to a list of nothing in particular takes the more telling type."""
    if known.kind == have.kind and DYN in known.params and assignable(have, known, bound):
        bound[name] = have
        return True
    return False


def resolve(kind: Type, bound: Bindings) -> Type:
    """A type with its parameters filled in."""
    if kind.kind.startswith("?"):
        return bound.get(kind.kind, DYN)
    if not kind.params or isinstance(kind, ObjectType):
        return kind
    return Type(kind.kind, tuple(resolve(param, bound) for param in kind.params), kind.max_size)


def joined(kinds: Sequence[Type]) -> Type:
    """One type for several elements."""
    if not kinds:
        return DYN
    joined = kinds[0]
    for kind in kinds[1:]:
        if kind == joined:
            joined = joined if joined.max_size >= kind.max_size else kind
        elif joined.kind == "null_type" and assignable(kind, joined, {}):
            joined = kind
        elif not (kind.kind == "null_type" and assignable(joined, kind, {})):
            return DYN
    return joined
