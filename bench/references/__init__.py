"""What LanChat is measured beside and is not installed on a machine: small programs written for the benches."""
