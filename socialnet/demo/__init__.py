"""A small town to look around in: people, who knows whom, and what they wrote."""

from socialnet.demo.world import SIGN_IN_AS, Progress, load

__all__ = ["SIGN_IN_AS", "Progress", "load"]
