"""The way of a message: receive, read, decide, send, follow up, a module for each step.

`receiving` keeps the bytes (T1), `reading` has them read by worker processes, `deciding` writes down what follows (T2),
`sending` sends and records what came of it (T3), `following_up` looks every second at what is due.
"""
