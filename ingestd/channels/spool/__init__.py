"""Text messages by way of a gammu-smsd FILES spool."""
