"""What the promises are worth when processes and servers die: real ones, killed under load."""
