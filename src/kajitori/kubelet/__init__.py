"""The node agent: it makes the containers of a node what the Pods assigned to it say.

May import: client, api, machinery, aiokit.
"""
