"""Processes killed right before and right after each commit the runtime makes."""
