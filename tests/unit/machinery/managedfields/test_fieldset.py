"""Field sets obey the laws of sets."""

from hypothesis import given
from hypothesis import strategies as st

from kajitori.machinery.managedfields import fieldset

elements = st.sampled_from(["f:a", "f:b", 'k:{"name":"x"}', 'v:"y"'])
paths = st.lists(elements, min_size=1, max_size=3).map(tuple)
path_sets = st.frozensets(paths, max_size=6)


def made_of(paths):
    result = {}
    for path in paths:
        one = {}
        for element in reversed(path):
            one = {element: one}
        result = fieldset.union(result, one)
    return result


def as_paths(fields):
    return frozenset(fieldset.members(fields))


@given(path_sets)
def test_a_set_has_the_paths_it_was_made_of(a):
    fields = made_of(a)
    assert as_paths(fields) == a
    assert all(fieldset.contains(fields, path) for path in a)


@given(path_sets, path_sets)
def test_operations_are_those_of_sets(a, b):
    x, y = made_of(a), made_of(b)
    assert as_paths(fieldset.union(x, y)) == a | b
    assert as_paths(fieldset.difference(x, y)) == a - b
    assert as_paths(fieldset.intersection(x, y)) == a & b


@given(path_sets, path_sets)
def test_recursive_difference_takes_everything_below(a, b):
    left = as_paths(fieldset.recursive_difference(made_of(a), made_of(b)))
    assert left == {path for path in a if not any(path[: len(other)] == other for other in b)}


@given(path_sets, path_sets)
def test_operations_leave_their_arguments_alone(a, b):
    x, y = made_of(a), made_of(b)
    fieldset.union(x, y)
    fieldset.difference(x, y)
    assert (as_paths(x), as_paths(y)) == (a, b)


def test_paths_read_as_conflicts_name_them():
    path = ["f:spec", "f:containers", 'k:{"name":"web"}', "f:image"]
    assert fieldset.format_path(path) == '.spec.containers[name="web"].image'
