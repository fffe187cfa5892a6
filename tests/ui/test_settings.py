"""What a host may set: the file, then the environment, and a sentence for what is no number of megabytes."""

import doctest

import pytest

from mml_ui import settings as module
from mml_ui.settings import Settings, settings


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch):
    for name in ("MML_CACHE_MB", "MML_VISITOR_MB"):
        monkeypatch.delenv(name, raising=False)


def test_without_a_file_the_defaults_hold(tmp_path):
    assert settings(tmp_path / "mml.toml") == Settings()


def test_the_file_wins_over_the_defaults(tmp_path):
    file = tmp_path / "mml.toml"
    file.write_text("cache_mb = 12\n")
    assert settings(file) == Settings(cache_mb=12, visitor_mb=Settings().visitor_mb)


def test_the_environment_wins_over_the_file(tmp_path, monkeypatch):
    file = tmp_path / "mml.toml"
    file.write_text("cache_mb = 12\nvisitor_mb = 3\n")
    monkeypatch.setenv("MML_CACHE_MB", "7")
    assert settings(file) == Settings(cache_mb=7, visitor_mb=3)


@pytest.mark.parametrize("value", ["-1", "many", "1.5", "", "1e3"])
def test_what_is_no_whole_number_gets_a_sentence_that_names_it(tmp_path, monkeypatch, value):
    monkeypatch.setenv("MML_VISITOR_MB", value)
    with pytest.raises(ValueError, match=r"visitor_mb .* whole number of megabytes\.") as caught:
        settings(tmp_path / "mml.toml")
    assert repr(value) in str(caught.value)


def test_the_file_that_comes_with_the_app_is_read():
    assert (module.ROOT / "mml.toml").exists()
    assert settings().cache_mb > 0
    assert settings().visitor_mb > 0


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(module).failed == 0
