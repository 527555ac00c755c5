"""The messages of etcd's v3 API that the store speaks: `etcd.proto`, and what `scripts/update-protos` makes of it."""
