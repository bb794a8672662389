"""ingestd: from the order mailbox to the dispatcher in seconds, nothing lost, nothing twice."""
