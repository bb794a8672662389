"""What may be wrong with an order: one rule a file, each with a name and a pure check."""
