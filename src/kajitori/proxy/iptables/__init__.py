"""The iptables backend's rules as text: ruleset.py renders them, installed.py reads what the kernel has."""
