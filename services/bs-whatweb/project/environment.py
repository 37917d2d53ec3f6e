"""Settings from the environment: each is a field that names its variable."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Self, TypeVar

T = TypeVar("T")
Number = TypeVar("Number", int, float)


class SettingsError(ValueError):
    """A variable that can't be used; the message says which and what to write."""


def setting(variable: str, convert: Callable[[str], T], default: T, wants: str) -> T:
    """A field. `convert` makes its value of the variable's text, or raises ValueError; `wants` says what it takes."""
    return field(default=default, metadata={"variable": variable, "convert": convert, "wants": wants})


def positive(kind: Callable[[str], Number]) -> Callable[[str], Number]:
    def convert(value: str) -> Number:
        number = kind(value)
        if not 0 < number < float("inf"):
            raise ValueError("it must be more than 0")
        return number

    return convert


@dataclass(frozen=True)
class ServiceSettings:
    """What every service has: who it is. A service's own settings are a class made from this one."""

    service_name: str
    service_version: str
    service_environment: str = setting("SERVICE_ENVIRONMENT", str, "development", "a name")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Raises SettingsError. An empty variable counts as none."""
        values = {}
        for one in fields(cls):
            variable, convert, wants = (one.metadata[key] for key in ("variable", "convert", "wants"))
            if value := environ.get(variable):
                try:
                    values[one.name] = convert(value)
                except ValueError as error:
                    raise SettingsError(f"{variable}={value!r}: {error}. It takes {wants}.") from None
        return cls(**values)

    def service(self) -> dict[str, str]:
        """Who logs, as the environment variables that JSONFormatter reads."""
        return {
            "SERVICE_NAME": self.service_name,
            "SERVICE_VERSION": self.service_version,
            "SERVICE_ENVIRONMENT": self.service_environment,
        }
