"""Measures the runtime against what the same PostgreSQL can do: `python -m bench [NAME ...]`."""
