"""The parts of `make bench`: the mail that goes in, the servers, the runs, the pieces, and the table."""
