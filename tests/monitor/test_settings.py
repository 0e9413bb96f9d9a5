"""Settings: where they come from, which one wins, and what is said of a wrong one."""

import re
import tomllib
from datetime import time
from pathlib import Path
from typing import Any, get_args

import pytest

from crawler.captures import StoreAddress
from monitor.alerts.conditions import AlertKind
from monitor.archives import archive_of
from monitor.settings import SECTIONS, ChannelSettings, RetentionSettings, Settings, SettingsError, load_settings
from monitor.settings_template import TEMPLATE


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable and no file of the machine reaches these tests."""
    monkeypatch.delenv("NIANBAO_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)


def written(tmp_path: Path, text: str) -> Path:
    """A configuration file with this text."""
    path = tmp_path / "here.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problem(path: Path | None = None) -> str:
    """The one line that is said of a wrong configuration."""
    with pytest.raises(SettingsError) as raised:
        load_settings(path)
    assert len(raised.value.problems) == 1
    assert "\n" not in raised.value.problems[0]
    return raised.value.problems[0]


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    settings = load_settings()
    assert settings.store.database == "sqlite:///var/nianbao.sqlite"
    assert settings.crawl.request_interval == 1.0
    assert settings.path(settings.store.captures) == tmp_path / "var/captures"


def test_environment_before_file_before_default_name_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, '[crawl]\nrequest_interval = 2.5\nportals_at_once = 7\n[mail]\nhost = "post"\n')
    monkeypatch.setenv("NIANBAO_CRAWL__PORTALS_AT_ONCE", "9")
    settings = load_settings(path)
    assert settings.crawl.portals_at_once == 9
    assert settings.crawl.request_interval == 2.5
    assert settings.crawl.request_seconds == 30
    assert settings.mail.host == "post"


def test_a_county_given_by_variable_stands_beside_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, "[watch]\nyears = [2020]\n[watch.counties]\n410526 = [2021]\n")
    monkeypatch.setenv("NIANBAO_WATCH__COUNTIES__120102", "[2022, 2023]")
    settings = load_settings(path)
    assert settings.watch.years == [2020]
    assert settings.watch.counties == {"410526": [2021], "120102": [2022, 2023]}


def test_the_file_may_be_named_by_variable_or_lie_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nianbao.toml").write_text("[mail]\nport = 26\n", encoding="utf-8")
    assert load_settings().mail.port == 26
    (tmp_path / "elsewhere").mkdir()
    other = tmp_path / "elsewhere" / "other.toml"
    other.write_text("[mail]\nport = 27\n", encoding="utf-8")
    monkeypatch.setenv("NIANBAO_CONFIG", str(other))
    settings = load_settings()
    assert settings.mail.port == 27
    assert settings.folder == tmp_path / "elsewhere"
    assert load_settings(tmp_path / "nianbao.toml").mail.port == 26


def test_a_time_without_a_zone_is_that_of_shanghai(tmp_path: Path) -> None:
    now = load_settings(written(tmp_path, "[clock]\nnow = 2024-02-05T09:00:00\n")).clock.now
    assert now is not None
    assert now.isoformat() == "2024-02-05T09:00:00+08:00"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[crawl]\nrequest_intervall = 1\n", "[crawl] request_intervall"),
        ('[crawl]\nrequest_interval = "schnell"\n', "应为数字"),
        ("[crawl]\nportals_at_once = 0\n", "不应小于 1"),
        ('[mail]\nsecurity = "ssl"\n', "应为 none、starttls、tls 之一"),
        ("[watch]\nyears = 2023\n", "应为列表"),
        ("[portal]\nx = 1\n", "没有 [portal] 这一节"),
        ('folder = "x"\n', "没有 [folder] 这一节"),
        ("mail = 3\n", "应为一节设置"),
        ("[crawl\n", "不是合法的 TOML"),
        ('[clock]\nnow = "gestern"\n', "ISO 8601"),
        ('[[notify.channels]]\nname = "a"\n', "notify"),
        ('[schedule]\nmain_job = "half past six"\n', "[schedule] main_job（half past six）：不是五段的 crontab"),
        ('[schedule]\ndelivery = "99 * * * *"\n', "[schedule] delivery（99 * * * *）：不是五段的 crontab"),
        ("[watch.counties]\n41052 = [2023]\n", "[watch] counties.41052（41052）：应为六位数字的县级代码"),
        ("[watch.counties]\n410526 = [3000]\n", "[watch] counties.410526.0（3000）：不应大于 2099"),
        ("[watch]\nyears = [1900]\n", "不应小于 2008"),
    ],
)
def test_one_line_names_what_is_wrong_in_the_file(tmp_path: Path, text: str, named: str) -> None:
    path = written(tmp_path, text)
    assert named in problem(path)
    assert str(path) in problem(path)


def test_several_wrong_settings_are_a_line_each(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as raised:
        load_settings(written(tmp_path, '[mail]\nport = "x"\nhosst = "y"\n'))
    assert len(raised.value.problems) == 2


def test_a_secret_is_not_repeated(tmp_path: Path) -> None:
    assert "12345" not in problem(written(tmp_path, "[mail]\npassword = 12345\n"))


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("NIANBAO_MAIL__PORT", "often", "NIANBAO_MAIL__PORT"),
        ("NIANBAO_MAIL__PORRT", "25", "NIANBAO_MAIL__PORRT"),
        ("NIANBAO_MAYL__PORT", "25", "NIANBAO_MAYL__PORT"),
        ("NIANBAO_MAIL_PORT", "25", "NIANBAO_MAIL__PORT"),
        ("NIANBAO_WATCH__YEARS", "2022,2023", "NIANBAO_WATCH__YEARS 不是合法的 JSON"),
        ("NIANBAO_FOLDER__X", "1", "NIANBAO_FOLDER__X"),
    ],
)
def test_one_line_names_what_is_wrong_in_the_environment(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, named: str
) -> None:
    monkeypatch.setenv(name, value)
    assert named in problem()


def test_a_missing_a_folder_and_an_undecodable_file_are_named(tmp_path: Path) -> None:
    assert "找不到配置文件" in problem(tmp_path / "none.toml")
    assert "是一个目录" in problem(tmp_path)
    (tmp_path / "gbk.toml").write_bytes("# 配置\n".encode("gbk"))
    assert "不是 UTF-8" in problem(tmp_path / "gbk.toml")


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "")

    def refuse(*_: Any, **__: Any) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)
    assert "（没有权限）" in problem(path)


def test_the_language_of_a_problem_follows_the_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NIANBAO_PEOPLE__LANGUAGE", "klingon")
    assert "NIANBAO_PEOPLE__LANGUAGE" in problem()


def test_the_template_changes_nothing_as_it_stands(tmp_path: Path) -> None:
    as_written = load_settings(written(tmp_path, TEMPLATE))
    assert as_written.model_dump() == load_settings().model_dump()


def test_the_template_names_every_setting_with_its_default(tmp_path: Path) -> None:
    uncommented = re.sub(r"^# (\w+ = .*|\[\[notify\.channels\]\])$", r"\1", TEMPLATE, flags=re.MULTILINE)
    content = tomllib.loads(uncommented)
    examples = {("watch", "counties"), ("watch", "due_rules"), ("mail", "password_file"), ("mail", "subscribers"),
                ("notify", "channels"), ("store", "bodies_key_file"), ("sign_on", "client_secret_file"),
                ("notify", "attempts"), ("notify", "working_days"), ("clock", "now"),
                ("watch", "silent_hours"), ("crawl", "interval_days"), ("schedule", "seasons"),
                *(("retention", name) for name in RetentionSettings.model_fields)}  # fmt: skip
    for section in SECTIONS:
        model = Settings.model_fields[section].annotation
        assert model is not None
        fields = model.model_fields
        assert set(content[section]) == set(fields), section
        for name, field in fields.items():
            if (section, name) not in examples:
                default = field.get_default(call_default_factory=True)
                shown = content[section][name]
                assert shown == (str(default) if isinstance(default, Path) else default), f"{section}.{name}"
    assert load_settings(written(tmp_path, uncommented)).notify.channels[0].to == ["office@example.org"]
    named = {name for channel in content["notify"]["channels"] for name in channel}
    assert named == set(ChannelSettings.model_fields)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('counties = ["410"]', "应为县级、市级或省级代码"),
        ('counties = ["滑县"]', "应为县级、市级或省级代码"),
        ('kinds = ["overdue"]', "应为 missing、late、"),
        ('at = "8点半"', "应为一天中的时刻"),
        ("at = 8", "应为一天中的时刻"),
        ("weekday = 0", "不应小于 1"),
        ("weekday = 8", "不应大于 7"),
        ('quiet_hours = "22:00"', "应为 时:分-时:分"),
        ('quiet_hours = "22:00-22:00"', "起止不能相同"),
        ('quiet_hours = "22:00-25:00"', "应为 时:分-时:分"),
        ('quiet_hours = "22:00-08:00-07:00"', "应为 时:分-时:分"),
        ('quiet_hours = "22:00Z-07:00"', "应为 时:分-时:分"),
        ('schedule = "hourly"', "应为 at_once、daily、weekly 之一"),
        ("most_items = 0", "不应小于 1"),
        ("escalation_after_days = 0", "不应小于 1"),
    ],
)
def test_a_wrong_setting_of_a_destination_is_named(tmp_path: Path, line: str, said: str) -> None:
    told = problem(written(tmp_path, f'[[notify.channels]]\nname = "office"\nkind = "mail"\n{line}\n'))
    assert said in told
    assert f"channels.0.{line.split()[0]}" in told
    assert "\n" not in told


def test_a_wrong_address_is_not_repeated(tmp_path: Path) -> None:
    told = problem(written(tmp_path, '[[notify.channels]]\nname = "x"\nkind = "chat"\naddress = 12345678\n'))
    assert "address" in told
    assert "12345678" not in told


def test_a_time_of_day_may_be_toml_s_own(tmp_path: Path) -> None:
    file = written(tmp_path, '[[notify.channels]]\nname = "x"\nkind = "mail"\nat = 07:15:00\n')
    assert load_settings(file).notify.channels[0].at == time(7, 15)


def test_the_kinds_of_alerts_are_those_of_the_contract() -> None:
    annotation = ChannelSettings.model_fields["kinds"].annotation
    assert list(get_args(get_args(annotation)[0])) == [kind.value for kind in AlertKind]


def test_the_limits_of_parsing_are_those_of_the_settings(tmp_path: Path) -> None:
    file = tmp_path / "nianbao.toml"
    file.write_text("[parse]\nseconds = 5\nscan_memory_megabytes = 3000\n", encoding="utf-8")
    chosen = load_settings(file).parse
    assert (chosen.seconds, chosen.scan_seconds) == (5, 120)
    assert (chosen.memory_megabytes, chosen.scan_memory_megabytes) == (1024, 3000)
    file.write_text("[parse]\nseconds = 0\n", encoding="utf-8")
    with pytest.raises(SettingsError):
        load_settings(file)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("bodies", "nianbao"),
        ("bodies", "s3://"),
        ("bodies", "s3://key:pass@bucket/x"),
        ("bodies", "s3://Bucket"),
        ("bodies", "https://s3.example.org/bucket"),
        ("bodies_endpoint", "s3.example.org"),
        ("bodies_endpoint", "https://key:pass@s3.example.org"),
        ("bodies_naming", "both"),
    ],
)
def test_a_store_that_cannot_be_meant_is_refused_and_no_key_is_shown(
    tmp_path: Path, name: str, wrong: str
) -> None:
    said = problem(written(tmp_path, f'[store]\n{name} = "{wrong}"\n'))
    assert name in said
    assert "pass" not in said


def test_a_store_of_captures_with_its_key_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("[default]\naws_access_key_id = AK\naws_secret_access_key = hidden\n")
    given = {"bodies": "s3://nianbao/a/b/", "bodies_endpoint": "https://s3.example.org/", "bodies_key_file": "key"}
    text = "".join(f'{name} = "{value}"\n' for name, value in given.items())
    settings = load_settings(written(tmp_path, f"[store]\n{text}"))
    place = archive_of(settings).place
    assert place.root == tmp_path / "var/captures"
    assert place.store == StoreAddress("s3://nianbao/a/b", "https://s3.example.org", tmp_path / "key")
    assert "hidden" in settings.secrets
    assert archive_of(load_settings(written(tmp_path, ""))).place.store is None


def test_what_may_stand_there_is_listed_as_people_do_and_names_are_told_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    channel = '{"name": "office", "kind": "%s", "to": ["a@b.example"]}'
    monkeypatch.setenv("NIANBAO_NOTIFY__CHANNELS", f"[{channel % 'mial'}]")
    assert "应为 mail、webhook、chat 之一；请改正" in problem()
    monkeypatch.setenv("NIANBAO_NOTIFY__CHANNELS", f"[{channel % 'mail'}, {channel % 'mail'}]")
    assert "有两个收件方都叫“office”；各收件方的 name 要不同" in problem()
