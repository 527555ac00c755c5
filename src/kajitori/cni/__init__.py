"""The pod network of a node (kindnetd's part): CNI configuration, routes to other nodes' Pods, masquerade.

``plan`` decides from Node objects (pure), ``apply`` writes files and talks to `ip` and `iptables`, ``command`` is the
process. May import: client, machinery, aiokit.
"""
