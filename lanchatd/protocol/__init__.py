"""The two message catalogues (daemon to daemon, tab to daemon) and the codec that reads and writes them."""
