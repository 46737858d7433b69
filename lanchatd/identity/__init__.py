"""Who this daemon is, and how it knows others: keys, certificates, and what a TLS handshake proves."""
