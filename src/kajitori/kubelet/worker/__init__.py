"""Pod workers: one task per Pod drives it towards its spec, then ends it.

`plan` decides (pure), `start` and `kill` act, `worker` is the loop, `workers` owns the tasks.
May import: client, api, machinery, aiokit; of the kubelet anything but `node`, `server` and the command.
"""
