"""From the bytes of a message to its reading: pure, without I/O, clock or configuration."""
