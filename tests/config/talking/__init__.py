"""Agents that write log records, and pages that call them."""
