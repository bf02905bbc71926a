"""Where the data of a project's notebooks is, and where their imports start."""

from __future__ import annotations

from pathlib import Path

import pytest

from assetbook.errors import WorkspaceError
from assetbook.settings import Settings, find_root
from tests.component.conftest import Project


def test_imports_start_in_src_for_what_lies_in_it(project: Project) -> None:
    inside, outside = project.root / "src" / "shop", project.root / "notebooks"

    assert Settings.of_project(inside).root == project.root / "src"
    assert Settings.of_project(outside).root == project.root


def test_imports_start_in_the_project_where_src_is_a_package(project: Project) -> None:
    project.write("src/__init__.py", "")

    assert Settings.of_project(project.root / "src" / "shop").root == project.root


def test_data_is_in_the_project_wherever_imports_start(project: Project) -> None:
    settings = Settings.of_project(project.root / "src" / "shop")

    assert (settings.project, settings.data) == (project.root, project.root / "data")
    assert settings.name == "shop"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pyproject.toml", "[tool.dg.project]\nroot_module = 'shop'"),
        ("pyproject.toml", "[tool.dagster]\nmodule_name = 'shop'"),
        ("pyproject.toml", "[tool.assetbook]"),
        ("dg.toml", "directory_type = 'project'\n[project]\nroot_module = 'shop'"),
    ],
)
def test_a_project_is_known_by_its_settings(tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / file).write_text(text)

    assert Settings.of_project(tmp_path / "shop" / "notebooks").project == tmp_path


def test_a_workspace_of_dg_is_no_project(tmp_path: Path) -> None:
    (tmp_path / "dg.toml").write_text("directory_type = 'workspace'\n[workspace]\n")

    with pytest.raises(WorkspaceError, match=r"No Dagster project here: .* Add the line \[tool\.assetbook\]"):
        Settings.of_project(tmp_path / "shop")


def test_what_is_nearest_counts(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write("space/workspace.yaml", "load_from: []")
    project.write("space/notebooks/README", "")

    monkeypatch.chdir(project.root / "space" / "notebooks")
    assert Settings.load().root == project.root / "space"
    monkeypatch.chdir(project.root / "src")
    assert Settings.load().project == project.root


def test_commands_for_workspaces_say_what_a_project_is(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.root)

    with pytest.raises(WorkspaceError) as refused:
        find_root()

    assert str(refused.value).endswith(
        f"{project.root} is a Dagster project of its own: `dg` and `dagster` run its assets, notebooks among them."
    )
