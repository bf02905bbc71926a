"""What ``dg`` says of the component in a project that ``create-dagster`` has made."""

from __future__ import annotations

import pytest

from tests.component.conftest import Project

GOOD = """
type: assetbook.NotebookAssets
attributes:
  notebooks: notebooks
"""


@pytest.fixture
def shop(created: Project) -> Project:
    created.write("src/shop/defs/sales/defs.yaml", GOOD)
    created.notebook(
        "src/shop/defs/sales/notebooks/sales.ipynb", ["import assetbook as ab", "ab.load('orders')"]
    )
    return created


def test_the_component_is_listed_and_scaffolds_a_notebook_that_runs(created: Project) -> None:
    assert "assetbook.NotebookAssets" in created.call("dg", "list", "components")

    created.call("dg", "scaffold", "defs", "assetbook.NotebookAssets", "my-sales")

    made = created.defs / "my-sales"
    assert (made / "defs.yaml").read_text().split() == GOOD.split()
    assert [path.name for path in made.rglob("*.ipynb")] == ["my_sales.ipynb"]
    created.call("dg", "check", "defs")
    created.call("dg", "launch", "--assets", "my_sales")
    assert (created.root / "data" / "lake" / "features" / "my_sales" / "_delta_log").is_dir()


def test_the_component_is_scaffolded_in_python_too(created: Project) -> None:
    created.call("dg", "scaffold", "defs", "assetbook.NotebookAssets", "sales", "--format", "python")

    created.call("dg", "check", "defs")

    assert "sales" in created.call("dg", "list", "defs")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (GOOD.replace("notebooks:", "notebook:"), 3, "'notebook' was unexpected"),
        (GOOD.replace("notebooks: notebooks", "notebooks: 3"), 3, "3 is not of type 'string'"),
        (GOOD.replace("attributes", "attribute"), 2, "'attribute' was unexpected"),
        (GOOD.replace("NotebookAssets", "NotebookAsset"), 1, "'assetbook.NotebookAsset' not found"),
    ],
    ids=["attribute", "type of an attribute", "key", "type"],
)
def test_a_wrong_definition_is_refused_with_file_and_line(
    shop: Project, text: str, line: int, message: str
) -> None:
    file = shop.write("src/shop/defs/sales/defs.yaml", text)

    said = shop.call("dg", "check", "yaml", code=1)

    assert f"{file}:{line} - " in said
    assert message in said


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (
            GOOD.replace("notebooks: notebooks", "notebooks: notebok"),
            3,
            "there is no folder 'notebok' in {sales}. Did you mean 'notebooks'? Known: notebooks. Make it, or correct "
            "`notebooks`.",
        ),
        (
            GOOD.replace("notebooks: notebooks", "notebooks: ../none"),
            3,
            "there is no folder '../none' in {sales}.",
        ),
    ],
    ids=["misspelt", "elsewhere"],
)
def test_a_folder_that_is_not_there_is_refused_with_file_and_line(
    shop: Project, text: str, line: int, message: str
) -> None:
    file = shop.write("src/shop/defs/sales/defs.yaml", text)

    said = shop.call("dg", "check", "defs", code=1)

    assert f"{file}:{line}: {message.format(sales=file.parent)}" in said


def test_the_folder_is_called_notebooks_where_nobody_says_it(shop: Project) -> None:
    file = shop.write("src/shop/defs/sales/defs.yaml", "type: assetbook.NotebookAssets\n")
    shop.call("dg", "check", "defs")

    (file.parent / "notebooks").rename(file.parent / "books")

    assert f"{file}:1: there is no folder 'notebooks'" in shop.call("dg", "check", "defs", code=1)


def test_a_broken_notebook_fails_the_check_of_definitions(shop: Project) -> None:
    shop.notebook(
        "src/shop/defs/sales/notebooks/wrong.ipynb", ["import assetbook as ab\nab.save('a' + 'b', 1)"]
    )

    said = shop.call("dg", "check", "defs", code=1)

    assert "shop/defs/sales/notebooks/wrong.ipynb, cell 1, line 2: ab.save takes a literal name" in said


def test_two_components_that_give_one_asset_are_refused(shop: Project) -> None:
    shop.write(
        "src/shop/defs/again/defs.yaml", GOOD.replace("notebooks: notebooks", "notebooks: ../sales/notebooks")
    )

    assert "Duplicate asset key: AssetKey(['sales'])" in shop.call("dg", "check", "defs", code=1)
