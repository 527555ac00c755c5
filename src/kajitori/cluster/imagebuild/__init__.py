"""Container images made on the spot, in pure Python: layers, OCI archives, and the system images of a cluster."""
