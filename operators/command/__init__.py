"""What `manage.py agents` is made of."""
