"""What the firewall of this machine lets in, as far as it can be read."""
