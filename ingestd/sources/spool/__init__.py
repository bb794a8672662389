"""Text messages from a gammu-smsd spool."""
