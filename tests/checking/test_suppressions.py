"""What an author does not want to be told."""

from __future__ import annotations

import pytest

from assetbook.checking import Selection

TWO = "print(a)\nprint(b)"


@pytest.mark.parametrize(
    "comment",
    [
        "# assetbook: ignore[AB201]",
        "# assetbook: ignore[AB401, AB201]",
        "# noqa: AB201",
        "# noqa: E501,AB201",
        "# noqa: AB2",
        "# noqa",
        "# type: ignore  # noqa: AB201",
    ],
)
def test_a_line(check, comment):
    report = check(f"print(a)  {comment}\nprint(b)")
    assert [finding.line for finding in report.of("AB201")] == [2]
    assert report.ignored == 1


@pytest.mark.parametrize("comment", ["# noqa: E501", "# assetbook: ignore[AB101]", "# a note"])
def test_a_line_that_asks_for_something_else(check, comment):
    assert len(check(f"print(a)  {comment}\nprint(b)").of("AB201")) == 2


def test_the_last_line_of_what_is_found(check):
    text = "from sklearn.cluster import KMeans\nKMeans(\n    3,\n)  # noqa: AB402"
    assert not check(text).of("AB402")


def test_the_whole_notebook_in_its_first_cell(check):
    assert not check(f"# In [1]:\n# assetbook: ignore AB201\nimport json\n# In [2]:\n{TWO}").of("AB201")
    assert check(f"# In [1]:\nimport json\n# In [2]:\n# assetbook: ignore AB201\n{TWO}").of("AB201")


def test_the_whole_notebook_in_its_metadata(check):
    assert not check(TWO, assetbook={"ignore": ["AB2"]}).of("AB201")
    assert check(TWO, assetbook={"ignore": "AB2"}).of("AB201")  # no list: nothing is said


def test_the_workspace(check):
    assert not check(TWO, selection=Selection(ignore=("AB2",))).of("AB201")
    assert not check(TWO, selection=Selection(select=("AB1",))).findings
    assert not check(TWO, selection=Selection(notebooks={"*.ipynb": ("AB201",)})).of("AB201")
    assert check(TWO, selection=Selection(notebooks={"other/*": ("AB201",)})).of("AB201")
