"""What is beside the program: desktop entry, firewall profiles, the Debian package."""
