"""Policy: the site's settings and tables, checked at start."""
