"""Our own SMTP inlet."""
