"""The Container Runtime Interface: protocol, client, and how we learn that a container changed.

May import: aiokit; of the kubelet only `interfaces`.
"""
