"""The service's settings: every variable that it reads, with its default, in one place.

gunicorn's own are in gunicorn_config.py, logging's in docs/logging.md.
"""

from dataclasses import dataclass

from project.environment import ServiceSettings, setting


@dataclass(frozen=True)
class Settings(ServiceSettings):
    service_name: str = setting("SERVICE_NAME", str, "bs-example", "a name")
    service_version: str = setting("SERVICE_VERSION", str, "1.0.0", "a version")
    greeting: str = setting("EXAMPLE_GREETING", str, "Hello", "a word")
