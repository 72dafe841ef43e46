"""Settings: from `onesixty.toml` and `ONESIXTY_*` variables; the variable wins.

Rules kept here:
- an invalid value stops the start with one message that names the setting as the user wrote it (the variable, or
  the key and its file); unknown keys of the file are refused, not ignored;
- the environment and the working directory are parameters, so that tests need not change the process;
- secrets are `SecretStr`: no log line or traceback shows them;
- carriers and routes stay raw tables: their connectors validate them. `table_error` names the table and the field.
  The tables of extensions stay raw as well (`extensions.loading` validates them).

Each field has an entry in docs/reference/settings.md (complete by test).
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import SettingsError as PydanticSettingsError

from onesixty.ops import invalid
from onesixty.ops import setting_forms as forms
from onesixty.ops.faults import parse as parse_faults
from onesixty.ops.public_url import checked_url, path_of
from onesixty.ops.secret_form import SECRET_FORM

PREFIX: Final = "ONESIXTY_"
CONFIG_VARIABLE: Final = "ONESIXTY_CONFIG"
DEFAULT_FILE: Final = "onesixty.toml"

_NEAR: Final = 0.8  # how similar a name must be to be suggested for an unknown one

#: Variables with our prefix that are neither settings nor mistakes: the path of the file, variables of client
#: commands, of the test suite, and those that Kubernetes creates for a service called "onesixty".
_KNOWN: Final = frozenset(
    PREFIX + name for name in ("CONFIG", "KEY", "URL", "ACCOUNT", "SMPP_PASSWORD", "PORT")
)
_KNOWN_PREFIXES: Final = tuple(PREFIX + name for name in ("TEST_", "SERVICE_", "PORT_", "EXTENSIONS__"))

#: Begins the variables of extensions: `ONESIXTY_EXTENSIONS__<NAME>__<FIELD>`.
_OF_EXTENSION: Final = f"{PREFIX}EXTENSIONS__"
#: `extensions_allowed` in words: every installed extension, and none.
ALL: Final = "all"
OFF: Final = "off"
#: `console` in words: the build in the package, and none. Everything else is the path of a build.
CONSOLE_ON: Final = "on"
CONSOLE_OFF: Final = "off"


def _days(least: int) -> Callable[[int | None], int | None]:
    """Checks a retention time: data younger than `least` days is still needed."""

    def check(days: int | None) -> int | None:
        if days is not None and days != 0 and not least <= days <= 36_500:
            raise ValueError(f"must be 0 (forever) or {least} to 36500 days")
        return days

    return check


#: The kinds of data for which an account may have a retention time of its own (`retention.kinds`).
RETENTION_KINDS: Final = (
    "bodies", "messages", "inbound", "events", "deliveries", "receipts", "refusals", "audit",
)  # fmt: skip


def _bounds(value: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    for kind, (least, most) in value.items():
        if kind not in RETENTION_KINDS:
            raise ValueError(f"unknown kind {kind!r}; the kinds are {', '.join(RETENTION_KINDS)}")
        if least < 1 or (most and most < least) or most > 36_500:
            raise ValueError(f"{kind}: must be the fewest and the most days; 0 as the most allows forever")
    return value


class SettingsError(Exception):
    """An invalid setting. The message names the setting and what is allowed."""


class FromVariable(NamedTuple):
    """A setting of an extension from a variable: a text, until the extension says what type it has."""

    value: str


class Address(NamedTuple):
    """Where to listen. Port 0 lets the system choose."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def parse_address(value: str) -> Address:
    """`host:port` or `[ipv6]:port`. Raises ValueError."""
    host, colon, port = value.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        host = ""
    if not (colon and host and port.isascii() and port.isdigit() and int(port) <= 65535):
        raise ValueError(f"{value!r} is not an address like 127.0.0.1:8160 or [::1]:8160")
    return Address(host, int(port))


def _address(value: str) -> str:
    return str(parse_address(value))


def _database_url(value: str | None) -> str | None:
    # sqlite:/// with a path: a database in memory would lose every message at a stop
    if value is not None and not value.startswith(("sqlite:///", "postgresql://")):
        raise ValueError("must start with sqlite:/// or postgresql://")
    return value


def _key(value: SecretStr | None) -> SecretStr | None:
    if value is not None:
        text = value.get_secret_value()
        if not 16 <= len(text) <= 512 or not text.isascii() or not text.isprintable() or " " in text:
            raise ValueError("must be 16 to 512 characters of printable ASCII without spaces")
    return value


def _secrets(value: SecretStr | None) -> SecretStr | None:
    if value is not None:
        found = _words(value.get_secret_value())
        if (
            not isinstance(found, list)
            or not 1 <= len(found) <= 2
            or not all(SECRET_FORM.fullmatch(one) for one in found)
        ):
            raise ValueError(
                "must be one secret (two during a rotation, separated by a comma), of 32 to 512 characters of "
                "printable ASCII without spaces"
            )
    return value


def _price(value: Decimal) -> Decimal:
    exponent = value.as_tuple().exponent
    if not value.is_finite() or value < 0 or not isinstance(exponent, int) or exponent < -6:
        raise ValueError("must be an amount of 0 or more with at most six decimals")
    return value


def _fault_spec(value: str) -> str:
    parse_faults(value)
    return value


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int | float) else value


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _address_or_off(value: str) -> str:
    return _address(value) if value else ""


def _words(value: object) -> object:
    return value.replace(",", " ").split() if isinstance(value, str) else value


def _allowed(value: object) -> object:
    words = _words(value)
    if words == [ALL]:
        return ALL
    return () if words in ([OFF], []) else words


Listen = Annotated[str, AfterValidator(_address)]
ListenOrOff = Annotated[str, AfterValidator(_address_or_off)]
Networks = Annotated[
    tuple[Annotated[str, AfterValidator(forms.network)], ...], NoDecode, BeforeValidator(_words)
]

Roles = Annotated[dict[str, str], NoDecode, BeforeValidator(forms.pairs)]
Emails = Annotated[tuple[Annotated[str, AfterValidator(forms.email)], ...], NoDecode, BeforeValidator(_words)]
Allowed = Annotated[Literal["all"] | tuple[str, ...], NoDecode, BeforeValidator(_allowed)]


class Settings(BaseSettings):
    """All settings. `load` creates them; tests use `Settings(name=...)` with defaults for the rest."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix=PREFIX, hide_input_in_errors=True, validate_default=False
    )

    data_dir: Path = Path("data")
    # repr=False: these may hold passwords, and a repr ends up in logs
    database_url: Annotated[str | None, AfterValidator(_database_url)] = Field(default=None, repr=False)
    http_listen: Listen = "127.0.0.1:8160"
    metrics_listen: ListenOrOff = ""  # defined after the setting that it must differ from
    smpp_listen: ListenOrOff = "127.0.0.1:2775"
    smpp_tls_cert: Path | None = None
    smpp_tls_key: Path | None = None
    smpp_tls_listen: ListenOrOff = ""  # defined after the two settings that it needs
    smpp_system_id: str = Field(default="onesixty", pattern=r"^[\x21-\x7e]{1,15}$")
    smpp_proxies: Networks = ()
    http_proxies: Networks = ()
    smpp_max_connections: int = Field(default=5000, ge=1, le=1_000_000)
    smpp_max_connections_per_address: int = Field(default=500, ge=1, le=1_000_000)
    smpp_session_init_seconds: float = Field(default=10.0, gt=0, le=3600)
    smpp_enquire_link_seconds: float = Field(default=60.0, ge=0, le=86_400)
    smpp_inactivity_seconds: float = Field(default=0.0, ge=0, le=86_400)
    smpp_parts_seconds: float = Field(default=60.0, gt=0, le=86_400)
    inbound_parts_seconds: float = Field(default=600.0, gt=0, le=604_800)
    inbound_repeat_seconds: float = Field(default=60.0, ge=0, le=86_400)
    public_url: Annotated[str | None, AfterValidator(checked_url)] = None
    admin_key: Annotated[SecretStr | None, AfterValidator(_key)] = None
    secret_key: Annotated[SecretStr | None, AfterValidator(_secrets)] = None
    console: str = Field(default=CONSOLE_ON, min_length=1)
    insecure_cookies: bool = False
    password_sign_in: Literal["everyone", "owners"] = "everyone"
    oidc_issuer: Annotated[str | None, AfterValidator(forms.issuer)] = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_name: str = "Single sign-on"
    oidc_scopes: str = "openid email profile"
    oidc_role_claim: str = "groups"
    oidc_roles: Roles = Field(default_factory=dict)
    oidc_link_by_email: bool = False
    webhook_allow_private: bool = False
    alert_emails: Emails = ()
    mail_server: Annotated[SecretStr | None, AfterValidator(forms.mail_server)] = None
    mail_from: Annotated[str, AfterValidator(forms.email)] = "onesixty@localhost"
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)] = "info"
    log_format: Annotated[Literal["auto", "json", "console"], BeforeValidator(_lower)] = "auto"
    access_log: bool = False
    max_body_bytes: int = Field(default=1_048_576, ge=1024, le=268_435_456)
    max_batch_bytes: int = Field(default=16_777_216, ge=1024, le=268_435_456)
    s3_endpoint: Annotated[str | None, AfterValidator(forms.endpoint)] = None
    s3_region: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")] = "us-east-1"
    s3_access_key_id: str | None = None
    s3_secret_access_key: SecretStr | None = None
    documents_store: Annotated[str, AfterValidator(forms.documents_store)] = "folder"
    max_document_bytes: int = Field(default=10_485_760, ge=1024, le=104_857_600)
    max_segments: int = Field(default=10, ge=1, le=255)
    max_segments_limit: int = Field(default=255, ge=1, le=255)
    lane_capacity: int = Field(default=10_000, ge=1, le=10_000_000)
    loop_limit: int = Field(default=30, ge=0, le=1_000_000)
    retention_events_days: Annotated[int, AfterValidator(_days(4))] = 30
    retention_messages_days: Annotated[int, AfterValidator(_days(8))] = 400
    retention_bodies_days: Annotated[int, AfterValidator(_days(1))] = 0
    retention_inbound_days: Annotated[int | None, AfterValidator(_days(8))] = None
    retention_deliveries_days: Annotated[int | None, AfterValidator(_days(4))] = None
    retention_receipts_days: Annotated[int | None, AfterValidator(_days(8))] = None
    retention_bounds: Annotated[dict[str, tuple[int, int]], AfterValidator(_bounds)] = {}
    retention_records_days: Annotated[int, AfterValidator(_days(1))] = 90
    retention_refusals_days: Annotated[int, AfterValidator(_days(1))] = 30
    retention_audit_days: Annotated[int, AfterValidator(_days(1))] = 1_100
    retention_documents_days: Annotated[int, AfterValidator(_days(1))] = 1_826
    refusals_kept: int = Field(default=10_000, ge=0, le=1_000_000)
    shutdown_seconds: float = Field(default=30.0, ge=0, le=3600)
    unverified_may_send: Literal["all", "test", "nothing"] = "all"
    billing_currency: str = Field(default="EUR", pattern=r"^[A-Z]{3}$")
    billing_price_per_segment: Annotated[Decimal, BeforeValidator(_as_text), AfterValidator(_price)] = (
        Decimal("0.0075")
    )
    billing_charge_on: Literal["sent", "delivered"] = "sent"
    processes: Annotated[Literal["auto", "1", "2"], BeforeValidator(_as_text)] = "auto"
    faults: Annotated[str, AfterValidator(_fault_spec)] = ""
    extensions_allowed: Allowed = ALL
    extensions: dict[str, dict[str, Any]] = Field(default_factory=dict, repr=False)
    carriers: list[dict[str, Any]] = Field(default_factory=list, repr=False)
    routes: list[dict[str, Any]] = Field(default_factory=list)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Use only the given values: `load` reads the sources itself, from the given environment."""
        return (init_settings,)

    @property
    def http_address(self) -> Address:
        """`http_listen` as host and port."""
        return parse_address(self.http_listen)

    @property
    def smpp_address(self) -> Address:
        """`smpp_listen` as host and port."""
        return parse_address(self.smpp_listen)

    @property
    def smpp_tls_address(self) -> Address:
        """`smpp_tls_listen` as host and port."""
        return parse_address(self.smpp_tls_listen)

    @field_validator("metrics_listen")
    @classmethod
    def _apart_from_the_api(cls, value: str, info: ValidationInfo) -> str:
        if value and value == info.data.get("http_listen") and parse_address(value).port:
            raise ValueError("is the address of http_listen; leave it empty to serve metrics there")
        return value

    @field_validator("smpp_tls_listen")
    @classmethod
    def _needs_a_certificate(cls, value: str, info: ValidationInfo) -> str:
        if value and (info.data.get("smpp_tls_cert") is None or info.data.get("smpp_tls_key") is None):
            raise ValueError("requires smpp_tls_cert and smpp_tls_key")
        return value

    @field_validator("documents_store")
    @classmethod
    def _needs_an_access_key(cls, value: str, info: ValidationInfo) -> str:
        if value != "folder" and not (
            info.data.get("s3_access_key_id") and info.data.get("s3_secret_access_key")
        ):
            raise ValueError("requires s3_access_key_id and s3_secret_access_key")
        return value

    @property
    def effective_database_url(self) -> str:
        """`database_url`, or the SQLite file in `data_dir`."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'onesixty.db').absolute()}"

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """The instance secrets of `secret_key`, the wanted one first; none if it is not set."""
        text = "" if self.secret_key is None else self.secret_key.get_secret_value()
        return tuple(text.replace(",", " ").split())

    @property
    def effective_public_url(self) -> str:
        """`public_url`, or the address listened on."""
        return self.public_url or f"http://{self.http_listen}"

    @property
    def public_path(self) -> str:
        """The path of `public_url`, without a slash at its end; mostly empty."""
        return path_of(self.public_url or "")


def load(environ: Mapping[str, str] | None = None, directory: Path | None = None) -> Settings:
    """Load the settings. `environ` and `directory` default to those of the process.

    Raises SettingsError with one message about the first invalid setting.
    """
    variables = dict(os.environ if environ is None else environ)
    path = _config_path(variables, directory or Path.cwd())
    from_file = _read_file(path) if path is not None else {}
    source = EnvSettingsSource(Settings)
    source.env_vars = {name.lower(): value for name, value in variables.items()}
    try:
        from_variables = source()
    except PydanticSettingsError as error:
        # Only lists are parsed by the source; its message names the field in quotes.
        name = next((part for part in str(error).split('"') if part in Settings.model_fields), "a variable")
        raise SettingsError(f"{variable_of(name)}: must be JSON") from None
    tables = _extension_tables(from_file.get("extensions", {}), variables)
    try:
        return Settings(**{**from_file, **from_variables, **({"extensions": tables} if tables else {})})
    except ValidationError as error:
        raise SettingsError(_message(error, path, set(from_variables))) from None


def variable_of(name: str) -> str:
    """The variable of a setting: `data_dir` -> `ONESIXTY_DATA_DIR`."""
    return PREFIX + name.upper()


def table_error(table: str, index: int, field: str | None, problem: str) -> SettingsError:
    """The error for a `[[carriers]]` or `[[routes]]` table, counted from 1 as a reader counts them."""
    where = f"[[{table}]] number {index + 1}"
    return SettingsError(f"{where}, `{field}`: {problem}" if field else f"{where}: {problem}")


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """Warnings about variables that look like settings but are not, each with a suggestion."""
    known = {variable_of(name) for name in Settings.model_fields}
    unknown = []
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known and name not in _KNOWN:
            if name.startswith(_KNOWN_PREFIXES):
                continue
            near = difflib.get_close_matches(name, known, 1, _NEAR)
            unknown.append(f"unknown setting {name}" + (f"; did you mean {near[0]}?" if near else ""))
    return unknown


def _extension_tables(from_file: object, variables: Mapping[str, str]) -> object:
    """The tables of extensions: those of the file, with the variables over them."""
    names = sorted(name for name in variables if name.startswith(_OF_EXTENSION))
    if not names or not (
        isinstance(from_file, dict) and all(isinstance(table, dict) for table in from_file.values())
    ):
        return from_file  # what is no table is refused with the other settings
    tables = {name: dict(table) for name, table in from_file.items()}
    for name in names:
        extension, _, field = name.removeprefix(_OF_EXTENSION).lower().partition("__")
        if not extension or not field:
            raise SettingsError(f"{name}: must have the form {_OF_EXTENSION}<NAME>__<SETTING>")
        tables.setdefault(extension, {})[field] = FromVariable(variables[name])
    return tables


def _config_path(variables: Mapping[str, str], directory: Path) -> Path | None:
    named = variables.get(CONFIG_VARIABLE)
    path = directory / (named or DEFAULT_FILE)
    if path.is_file():
        return path
    if named:
        raise SettingsError(f"{CONFIG_VARIABLE}: file {named} not found")
    return None


def _read_file(path: Path) -> dict[str, Any]:
    try:
        content = TomlConfigSettingsSource(Settings, toml_file=path)()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(f"{path.name}: {error}") from None
    for name in content:
        if name not in Settings.model_fields:
            near = difflib.get_close_matches(name, Settings.model_fields, 1, _NEAR)
            hint = f"; did you mean `{near[0]}`?" if near else ""
            raise SettingsError(f"{path.name}: unknown setting `{name}`{hint}")
    return content


def _message(error: ValidationError, path: Path | None, from_variables: set[str]) -> str:
    first = error.errors(include_url=False)[0]
    name, *inner = (str(part) for part in first["loc"])
    problem = invalid.of_pydantic(first)
    if inner and inner[0].isdigit():
        place = f"[[{name}]] number" if name in ("carriers", "routes") else "entry"
        problem = f"{place} {int(inner[0]) + 1}: {problem}"
    if name in from_variables:
        return f"{variable_of(name)}: {problem}"
    return f"{path.name}: `{name}`: {problem}" if path is not None else f"`{name}`: {problem}"
