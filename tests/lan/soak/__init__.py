"""Thousands of messages between three machines on bad wires, while links flap and daemons are killed."""
