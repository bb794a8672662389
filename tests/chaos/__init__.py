"""Random runs: orders arrive while a schedule of faults strikes the daemon and its peers, then a judge looks."""
