"""That the benches work; what they measure is never judged here."""
