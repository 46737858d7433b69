"""Measures LanChat beside what a person would use instead: ``python -m bench [NAME…]``, or ``make bench [BENCH=NAME]``.

Each module with a `measure` is one bench. It measures LanChat and its references in turn, in one run on one machine, so
that ratios and shapes are to be believed where the times themselves depend on the machine.
"""
