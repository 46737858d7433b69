"""What LanChat knows and decides: pure and synchronous, without I/O and without a clock."""
