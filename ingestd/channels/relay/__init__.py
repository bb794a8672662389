"""Mail by way of our relay."""
