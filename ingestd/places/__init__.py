"""The country's places: provinces, cities, districts and towns, and which of them a text names."""
