"""The network: which interfaces there are, who is found on them, and the links to the other daemons."""
