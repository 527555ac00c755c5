"""Manifests of what every cluster runs beside its control plane. Data only; read by cluster.manifests."""
