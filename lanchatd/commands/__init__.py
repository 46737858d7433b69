"""What people and scripts ask of the daemon: a module for each command, or for a few that belong together.

Each has ``add(commands)``: it adds its parsers, and sets ``call`` to the function that carries the command out and
returns the exit status. What is slow to import is imported in there, so that a command waits for its own only.
"""
