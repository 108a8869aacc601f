"""The runtime's part of Django's admin: pages for operators, all of which work without script."""
