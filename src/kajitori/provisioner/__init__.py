"""The host-path provisioner: gives claims of its storage classes a directory of the node.

``plan`` decides (pure), ``provisioner`` acts on claims and volumes, ``command`` is the process. Two names:
`k8s.io/minikube-hostpath` binds at once, `rancher.io/local-path` waits for the scheduler to choose a node.
May import: client, machinery, aiokit.
"""
