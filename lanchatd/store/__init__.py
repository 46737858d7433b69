"""What is kept on disk beside the key: the name that was chosen and the people who are known. Never messages."""
