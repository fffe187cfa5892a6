"""What whoever runs the app may set: `mml.toml` beside the home page, or environment variables of the same name."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """The host's settings.

    Attributes:
        cache_mb: Memory that results of all visitors together may keep, in megabytes.
        visitor_mb: Memory that the results of one visitor's uploads may keep, in megabytes.
    """

    cache_mb: int = 256
    visitor_mb: int = 64


def settings(path: Path = ROOT / "mml.toml") -> Settings:
    """Read the settings; what neither the file nor the environment (`MML_CACHE_MB`, ...) names keeps its default."""
    named = tomllib.loads(path.read_text()) if path.exists() else {}
    values = {}
    for field in fields(Settings):
        value = os.environ.get(f"MML_{field.name.upper()}", named.get(field.name))
        if value is not None:
            if not str(value).isdigit():
                raise ValueError(f"{field.name} in {path.name} is {value!r}; it must be a whole number of megabytes.")
            values[field.name] = int(value)
    return Settings(**values)
