"""The mailbox of ours that gets a blind copy of what we send by mail."""
