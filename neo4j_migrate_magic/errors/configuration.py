"""Settings are missing or wrong."""

from __future__ import annotations

from neo4j_migrate_magic.errors.base import MigrateError


class ConfigError(MigrateError):
    """Settings are missing or wrong."""

    exit_code = 2


class ConfigNotFoundError(ConfigError):
    """There is no configuration file here or above."""

    code = "CONFIG.NOT_FOUND"


class NoTargetError(ConfigError):
    """Nobody said which server to work on."""

    code = "CONFIG.NO_TARGET"


class InvalidConfigError(ConfigError):
    """A setting's value cannot be used."""

    code = "CONFIG.INVALID"


class UnknownKeyError(ConfigError):
    """The configuration file has a key that nothing reads."""

    code = "CONFIG.UNKNOWN_KEY"


class SecretUnavailableError(ConfigError):
    """A password was promised by a variable or file that is not there."""

    code = "CONFIG.SECRET_UNAVAILABLE"
