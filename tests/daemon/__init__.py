"""The real daemon as a process of its own, on a site and servers of the test's."""
