"""The values of the trade: what everything else speaks in."""
