"""The asynchronous client of the Kubernetes API, lean enough for a command line to start with.

`rest.Client` speaks typed structs, `dynamic.DynamicClient` wire dicts; `informer` keeps local copies, `leader` elects,
`events` records, `kubeconfig` and `config` say where the server is and who we are.
May import: api, machinery, aiokit.
"""
