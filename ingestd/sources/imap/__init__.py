"""An order mailbox read by IMAP."""
