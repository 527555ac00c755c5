"""The watch cache: every stored object, encoded once, and the recent past of each resource.

GET and LIST join bytes that are here already; a WATCH event is encoded once for all its watchers.
"""
