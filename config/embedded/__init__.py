"""A real PostgreSQL and a real Valkey out of Python wheels, for whoever has no server of their own.

`servers_for_environment()` lists those that are needed, `ServerUse` keeps one running.
"""

from config.embedded.postgres import PostgresServer
from config.embedded.server import EmbeddedServer, ServerRefused
from config.embedded.use import ServerUse, servers_for_environment, servers_running
from config.embedded.valkey import ValkeyServer

__all__ = [
    "EmbeddedServer",
    "PostgresServer",
    "ServerRefused",
    "ServerUse",
    "ValkeyServer",
    "servers_for_environment",
    "servers_running",
]
