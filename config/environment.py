"""The one typed reader of environment variables. Nonsense in one of them stops the start."""

from pathlib import Path
from typing import Annotated, Literal

from django.core.exceptions import ImproperlyConfigured
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

BASE_DIR = Path(__file__).resolve().parent.parent

CommaSeparated = Annotated[list[str], NoDecode]


class Environment(BaseSettings):
    """Every variable Agora reads, its type and its default. All are optional for a newcomer."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    agora_var: Path = BASE_DIR / "var"
    """Where the embedded servers, logs and uploaded files live."""
    database_url: str | None = None
    """A PostgreSQL of yours; without it an embedded one is used."""
    redis_url: str | None = None
    """A Redis or Valkey of yours; without it an embedded Valkey is used."""
    debug: bool = True
    """True shows faults in the browser. Set it to false wherever strangers can look."""
    secret_key: SecretStr | None = None
    """Signs cookies. Needed when DEBUG is false; else made once and kept in the var directory."""
    allowed_hosts: CommaSeparated = []
    """Host names this site answers to, separated by commas."""
    csrf_trusted_origins: CommaSeparated = []
    """Origins behind a TLS proxy, such as https://agora.example."""
    web_url: str = "http://127.0.0.1:8000"
    """Base address of the pages: sockets are opened to pages from there, and from `live` itself."""
    live_url: str = "http://127.0.0.1:8001"
    """Base address of what stays open (WebSockets, waiting routes)."""
    trusted_proxies: Annotated[int, Field(ge=0)] = 0
    """How many proxies of yours stand in front; their X-Forwarded-* headers are believed."""
    https_only: bool | None = None
    """Secure cookies, HSTS and a redirect to https. By default: the opposite of DEBUG."""
    conn_max_age: Annotated[int, Field(ge=0)] = 600
    """Seconds a web thread keeps its database connection."""
    email_url: str | None = None
    """smtp://user:password@host:587?tls=true; without it mail is written to the console."""
    default_from_email: str = "Agora <agora@localhost>"
    sign_up_open: bool = True
    """Whether strangers may make an account."""
    llm_base_url: str | None = None
    """An OpenAI-compatible service that picks recommendations, such as http://127.0.0.1:11434/v1;
    without it the shop does so by itself."""
    llm_api_key: SecretStr | None = None
    """Its key, where it wants one."""
    llm_model: str | None = None
    """Which of its models. Needed with LLM_BASE_URL."""
    rate_limits: bool = True
    """Whether callers are limited (`config/limits.py`). Imports and load tests may need it off."""
    metrics_token: SecretStr | None = None
    """Lets a Prometheus read /metrics as `Authorization: Bearer`. Staff may in any case."""
    log_level: str = "INFO"
    agora_log: Literal["json", "lines"] | None = None
    """How log records look. By default: readable lines while DEBUG is on, else JSON."""

    @field_validator("allowed_hosts", "csrf_trusted_origins", mode="before")
    @classmethod
    def split_at_commas(cls, value: object) -> object:
        """Take `a, b` for ["a", "b"]."""
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value

    @field_validator("agora_var")
    @classmethod
    def make_absolute(cls, value: Path) -> Path:
        """Mean the same directory wherever a process runs."""
        return Path(value).absolute()


def read_environment() -> Environment:
    """Read and check the variables; a wrong one is named with what was expected."""
    try:
        return Environment()
    except ValidationError as invalid:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in error['loc']).upper()}: {error['msg']}"
            for error in invalid.errors()
        )
        raise ImproperlyConfigured(f"Environment variables are not valid: {problems}") from None
