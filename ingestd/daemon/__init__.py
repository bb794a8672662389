"""The running daemon: its threads, the reader pool, the ticker, the watchdog and a graceful stop."""
