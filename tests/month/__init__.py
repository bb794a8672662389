"""A month of a site with the driven clock: hundreds of orders, judged against a small model of the trade's rules."""
