"""A node as an OCI container that runc starts: its bundle, its first process, its life, its remains."""
