"""The command line: what a person types, and the tables and JSON it answers with."""
