"""The parts of `make demo`: what goes in, the sinks around the daemon, what its database says, and how it is shown."""
