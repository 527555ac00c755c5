"""What ``kubectl debug`` builds: debug containers and the pods around them, by profile."""
