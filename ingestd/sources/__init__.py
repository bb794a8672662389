"""Where messages come in: IMAP mailboxes, the SMTP inlet and the gateway's spool of text messages."""
