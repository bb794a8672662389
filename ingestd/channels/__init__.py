"""How messages go out: one folder a channel, each of the same shape."""
