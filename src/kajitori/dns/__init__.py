"""Cluster DNS (coredns' part): answers for Services and Pods from watches, everything else from upstream servers.

``corefile`` reads the configuration, ``index`` holds what the cluster is made of, ``zone`` answers questions about it
(pure), ``upstream`` and ``cache`` deal with all other names, ``handler`` joins them, ``server`` speaks UDP and TCP.
May import: client, machinery, aiokit.
"""
