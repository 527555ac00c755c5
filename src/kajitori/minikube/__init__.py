"""The `minikube` command line: minikube v1.37's words over the cluster library. May import: cluster and below."""

MINIKUBE_VERSION = "v1.37.0"
