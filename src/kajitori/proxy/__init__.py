"""The service proxy: Services and their endpoints become packet rules of the node (kube-proxy's part).

``services`` turns API objects into plain values, ``iptables`` and ``nftables`` turn those into text, ``backend`` hands
the text to the kernel, ``proxier`` decides when. May import: client, api, machinery, aiokit.
"""
