"""Which requests webhooks and policies are about: rules, selectors, and the same object in other versions."""
