"""The bad inputs of faults.md, each through the real way in: a mail or text message, and what the daemon made of it."""
