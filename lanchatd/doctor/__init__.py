"""What keeps two machines from seeing each other: facts about this machine, and findings as a pure function of them."""
