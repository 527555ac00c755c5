"""``kubectl describe``: one module per family of kinds, found through `registry`.

A describer is ``async def describe_x(page, obj, cluster)``: it writes what is known of `obj` (a wire dict) on the page
and asks the cluster for what belongs to it (events, pods, replica sets). The layout is upstream's to the byte.
"""
