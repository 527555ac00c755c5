"""Taking nodes out of service: marking them, and moving their pods away. Used by cordon, uncordon, drain."""
