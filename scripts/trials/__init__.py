"""Trials of the reader: messages that are damaged or mutated, and what it makes of them."""
