"""One module per verb, each with `run(args) -> exit code`."""

VERBS = {
    "start": "Starts a local Kubernetes cluster",
    "status": "Gets the status of a local Kubernetes cluster",
    "stop": "Stops a running local Kubernetes cluster",
    "delete": "Deletes a local Kubernetes cluster",
    "addons": "Enable or disable a minikube addon",
    "config": "Modify persistent configuration values",
    "image": "Manage images",
    "ip": "Retrieves the IP address of the specified node",
    "kubectl": "Run a kubectl binary matching the cluster version",
    "logs": "Returns logs to debug a local Kubernetes cluster",
    "node": "Add, remove, or list additional nodes",
    "profile": "Get or list the current profiles (clusters)",
    "service": "Returns a URL to connect to a service",
    "ssh": "Log into the minikube environment (for debugging)",
    "update-context": "Update kubeconfig in case of an IP or port change",
    "version": "Print the version of minikube",
}
