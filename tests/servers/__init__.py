"""Real servers, started privately on loopback for the tests and stopped by their own process ids."""
