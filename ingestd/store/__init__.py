"""The database: its tables and migrations, and every query as one named function."""
