"""One object in the cache: what it says of itself depends on nobody who asked before."""

from dataclasses import replace

from kajitori.api.scheme import builtin
from kajitori.apiserver.cache.entry import Entry, encode_for_storage, with_version

OLD = builtin().by_plural("", "v1", "configmaps")
assert OLD is not None
NEW = replace(OLD, version="v2", selectable_fields=lambda obj: {"data.size": obj["data"]["size"]})


def test_versions_of_a_kind_that_select_by_different_fields_do_not_read_each_others() -> None:
    shirt = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "s", "namespace": "n"},
        "data": {"size": "M"},
    }
    entry = Entry(OLD.key("n", "s"), with_version(encode_for_storage(shirt), 7), 7)
    assert entry.fields(OLD) == {"metadata.name": "s", "metadata.namespace": "n"}
    assert entry.fields(NEW) == {"data.size": "M"}
    assert entry.fields(OLD) == {"metadata.name": "s", "metadata.namespace": "n"}
