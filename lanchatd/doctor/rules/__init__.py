"""From facts to findings: a module for each subject, each with ``find(facts)``. Pure."""
