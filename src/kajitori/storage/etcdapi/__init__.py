"""The messages of etcd's v3 API that the store speaks: `etcd.proto` and what protoc makes of it (`scripts/update-protos`)."""
