"""Settings: where they come from, what is refused and how it is said, and that each is documented."""

from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr

from onesixty.ops.settings import (
    CONFIG_VARIABLE,
    Address,
    Settings,
    SettingsError,
    load,
    parse_address,
    table_error,
    unknown_variables,
    variable_of,
)
from tests.support.postgres import ROOT

#: Of clients, not of the server.
COMMANDS = ("ONESIXTY_URL", "ONESIXTY_KEY", "ONESIXTY_ACCOUNT", "ONESIXTY_SMPP_PASSWORD")

REFERENCE = ROOT / "docs" / "reference" / "settings.md"


def write(directory: Path, content: str, name: str = "onesixty.toml") -> Path:
    path = directory / name
    path.write_text(content)
    return path


def test_defaults_need_neither_file_nor_variables(tmp_path: Path) -> None:
    settings = load({}, tmp_path)
    assert settings.http_address == Address("127.0.0.1", 8160)
    assert settings.smpp_address == Address("127.0.0.1", 2775)
    assert settings.effective_public_url == "http://127.0.0.1:8160"
    assert settings.effective_database_url == f"sqlite:///{Path('data').absolute()}/onesixty.db"
    assert settings.admin_key is None
    assert settings.carriers == []


def test_the_variable_wins_over_the_file(tmp_path: Path) -> None:
    write(tmp_path, 'log_level = "debug"\nmax_segments = 3\n')
    settings = load({"ONESIXTY_LOG_LEVEL": "WARNING"}, tmp_path)
    assert settings.log_level == "warning"
    assert settings.max_segments == 3


def test_the_file_may_be_named(tmp_path: Path) -> None:
    write(tmp_path, "max_segments = 3", "onesixty.toml")
    other = write(tmp_path, "max_segments = 4", "other.toml")
    assert load({"ONESIXTY_CONFIG": str(other)}, tmp_path).max_segments == 4
    assert load({"ONESIXTY_CONFIG": "other.toml"}, tmp_path).max_segments == 4


def test_every_type_of_value_from_variables(tmp_path: Path) -> None:
    settings = load(
        {
            "ONESIXTY_DATA_DIR": str(tmp_path),
            "ONESIXTY_DATABASE_URL": "postgresql://u:p@127.0.0.1/x",
            "ONESIXTY_HTTP_LISTEN": "[::1]:0",
            "ONESIXTY_PUBLIC_URL": "https://sms.example.com/",
            "ONESIXTY_ADMIN_KEY": "a-secret-of-the-operator",
            "ONESIXTY_WEBHOOK_ALLOW_PRIVATE": "1",
            "ONESIXTY_BILLING_PRICE_PER_SEGMENT": "0.05",
            "ONESIXTY_BILLING_CURRENCY": "USD",
            "ONESIXTY_PROCESSES": "2",
            "ONESIXTY_SHUTDOWN_SECONDS": "2.5",
            "ONESIXTY_CARRIERS": '[{"name": "acme", "type": "smpp"}]',
        },
        tmp_path,
    )
    assert settings.http_address == Address("::1", 0)
    assert settings.effective_public_url == "https://sms.example.com"
    assert settings.effective_database_url == "postgresql://u:p@127.0.0.1/x"
    assert settings.admin_key == SecretStr("a-secret-of-the-operator")
    assert settings.webhook_allow_private is True
    assert settings.billing_price_per_segment == Decimal("0.05")
    assert settings.processes == "2"
    assert settings.carriers == [{"name": "acme", "type": "smpp"}]


def test_carriers_and_routes_of_the_file_stay_as_written(tmp_path: Path) -> None:
    write(
        tmp_path,
        """
        billing_price_per_segment = 0.01
        processes = 1

        [[carriers]]
        name = "acme"
        type = "smpp"
        anything = [1, 2]

        [[routes]]
        name = "default"
        carriers = ["acme"]
        """,
    )
    settings = load({}, tmp_path)
    assert settings.carriers == [{"name": "acme", "type": "smpp", "anything": [1, 2]}]
    assert settings.routes == [{"name": "default", "carriers": ["acme"]}]
    assert settings.billing_price_per_segment == Decimal("0.01")
    assert settings.processes == "1"


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("ONESIXTY_HTTP_LISTEN", "8160", "127.0.0.1:8160"),
        ("ONESIXTY_SMPP_LISTEN", "host:99999", "not an address"),
        ("ONESIXTY_DATABASE_URL", "mysql://x", "sqlite:/// or postgresql://"),
        ("ONESIXTY_PUBLIC_URL", "example.com", "http:// or https://"),
        ("ONESIXTY_ADMIN_KEY", "with space", "without spaces"),
        ("ONESIXTY_ADMIN_KEY", "", "16 to 512 characters"),
        ("ONESIXTY_DATABASE_URL", "sqlite://", "sqlite:/// or postgresql://"),
        ("ONESIXTY_WEBHOOK_ALLOW_PRIVATE", "ja", "must be true or false"),
        ("ONESIXTY_LOG_LEVEL", "loud", "'debug', 'info', 'warning' or 'error'"),
        ("ONESIXTY_MAX_SEGMENTS", "0", "must be at least 1"),
        ("ONESIXTY_MAX_BODY_BYTES", "many", "must be an integer"),
        ("ONESIXTY_BILLING_CURRENCY", "euro", "three capital letters, such as EUR"),
        ("ONESIXTY_BILLING_PRICE_PER_SEGMENT", "-1", "six decimals"),
        ("ONESIXTY_BILLING_PRICE_PER_SEGMENT", "0.0000001", "six decimals"),
        ("ONESIXTY_BILLING_PRICE_PER_SEGMENT", "NaN", "must be a finite number"),
        ("ONESIXTY_BILLING_PRICE_PER_SEGMENT", "cheap", "must be a number"),
        ("ONESIXTY_SMPP_PROXIES", "10.0.0.0/8 lan", "entry 2: 'lan' is not a network such as 10.0.0.0/8"),
        ("ONESIXTY_BILLING_CHARGE_ON", "queued", "'sent' or 'delivered'"),
        ("ONESIXTY_PROCESSES", "3", "'auto', '1' or '2'"),
        ("ONESIXTY_RETENTION_EVENTS_DAYS", "3", "0 (forever) or 4 to 36500 days"),
        ("ONESIXTY_RETENTION_MESSAGES_DAYS", "-1", "0 (forever) or 8 to 36500 days"),
        ("ONESIXTY_FAULTS", "nowhere:kill", "not a fault point"),
        ("ONESIXTY_CARRIERS", "[{", "JSON"),
        ("ONESIXTY_CARRIERS", '["acme"]', "[[carriers]] number 1"),
        ("ONESIXTY_CONFIG", "nowhere.toml", "not found"),
    ],
)
def test_a_bad_variable_is_named_in_one_line(variable: str, value: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load({variable: value}, tmp_path)
    message = str(caught.value)
    assert message.startswith(f"{variable}: ")
    assert says in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("max_segments = 0", "onesixty.toml: `max_segments`: must be at least 1"),
        ("data_dir = 1", "onesixty.toml: `data_dir`: must be a path, not an integer"),
        ("log_level = 2000-01-01", "onesixty.toml: `log_level`: must be 'debug'"),
        ("smpp_proxies = 2000-01-01", "onesixty.toml: `smpp_proxies`: must be a list, not a date"),
        ("alert_emails = [5]", "onesixty.toml: `alert_emails`: entry 1: must be a string, not an integer"),
        ("max_segment = 5", "onesixty.toml: unknown setting `max_segment`; did you mean `max_segments`?"),
        ("carriers = 5", "onesixty.toml: `carriers`: must be a list, not an integer"),
        ("[[routes]]\nname = 1\n[carrier]\n", "onesixty.toml: unknown setting `carrier`"),
        ("max_segments = ", "onesixty.toml: "),
    ],
)
def test_a_bad_key_of_the_file_is_named(content: str, says: str, tmp_path: Path) -> None:
    write(tmp_path, content)
    with pytest.raises(SettingsError) as caught:
        load({}, tmp_path)
    assert str(caught.value).startswith(says)


def test_a_bad_value_is_not_repeated_where_it_may_be_secret(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load({"ONESIXTY_ADMIN_KEY": "pass word"}, tmp_path)
    assert "pass word" not in str(caught.value)


def test_no_repr_shows_a_secret(tmp_path: Path) -> None:
    settings = load(
        {
            "ONESIXTY_ADMIN_KEY": "hush-1-hush-1-hush-1",
            "ONESIXTY_DATABASE_URL": "postgresql://u:hush-2@h/x",
            "ONESIXTY_CARRIERS": '[{"password": "hush-3"}]',
        },
        tmp_path,
    )
    assert "hush" not in repr(settings)
    assert "hush" not in str(settings)


def test_tables_are_counted_as_readers_count() -> None:
    assert (
        str(table_error("carriers", 1, "host", "is missing")) == "[[carriers]] number 2, `host`: is missing"
    )
    assert str(table_error("routes", 0, None, "is empty")) == "[[routes]] number 1: is empty"


def test_unknown_variables_are_told_with_the_nearest_name() -> None:
    environ = {
        "ONESIXTY_MAX_SEGMENT": "3",
        "ONESIXTY_COFFEE": "black",
        "ONESIXTY_DATA_DIR": "x",
        **dict.fromkeys((CONFIG_VARIABLE, *COMMANDS), "x"),
        "ONESIXTY_TEST_POSTGRES": "x",
        "ONESIXTY_SERVICE_HOST": "10.0.0.1",
        "ONESIXTY_PORT_8160_TCP": "tcp://10.0.0.1:8160",
        "HOME": "/",
    }
    assert unknown_variables(environ) == [
        "unknown setting ONESIXTY_COFFEE",
        "unknown setting ONESIXTY_MAX_SEGMENT; did you mean ONESIXTY_MAX_SEGMENTS?",
    ]


@pytest.mark.parametrize("value", ["", ":1", "host", "host:", "host:x", "::1:80", "host:65536", "host:-1"])
def test_what_is_no_address(value: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        parse_address(value)


def test_settings_of_the_process_come_from_its_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ONESIXTY_MAX_SEGMENTS", "7")
    assert load().max_segments == 7
    assert Settings().max_segments == 10, "made directly, it reads nothing"


def test_every_setting_has_its_entry_in_the_reference() -> None:
    text = REFERENCE.read_text()
    for name, field in Settings.model_fields.items():
        heading = f"### `{variable_of(name)}`\n"
        assert heading in text, f"{variable_of(name)} is not documented"
        entry = text.split(heading, 1)[1].split("\n### ", 1)[0]
        assert "default" in entry.lower(), f"{name}: its default is not named"
        default = field.default
        if isinstance(default, bool):
            default = str(default).lower()
        if isinstance(default, float):
            default = f"{default:g}"
        if isinstance(default, int | str) and default:
            assert str(default) in entry, f"{name}: its default is {default}"
    documented = {line.split("`")[1] for line in text.splitlines() if line.startswith("### `")}
    settings = {variable_of(name) for name in Settings.model_fields}
    assert documented == settings | {CONFIG_VARIABLE, *COMMANDS}


def test_metrics_have_an_address_that_is_not_the_one_of_the_api(tmp_path: Path) -> None:
    both = {"ONESIXTY_HTTP_LISTEN": "127.0.0.1:9000", "ONESIXTY_METRICS_LISTEN": "127.0.0.1:9000"}
    with pytest.raises(SettingsError, match=r"ONESIXTY_METRICS_LISTEN: .*http_listen"):
        load(both, tmp_path)
    assert load(both | {"ONESIXTY_METRICS_LISTEN": "127.0.0.1:9001"}, tmp_path).metrics_listen
