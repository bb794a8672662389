"""From the raw bytes of an email or text message to its reading: pure, without I/O or clock."""
