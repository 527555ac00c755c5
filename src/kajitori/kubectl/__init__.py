"""kubectl: the command line for any cluster, word for word what upstream's v1.34 prints."""
