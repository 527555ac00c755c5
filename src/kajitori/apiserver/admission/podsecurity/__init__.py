"""PodSecurity: the plugin, the policy that namespaces and configuration give, and the standards, rule by rule."""
