"""Trying notebooks on small inputs, without touching anything real: for tests, `assetbook test` and pytest.

from assetbook.testing import try_notebook

def test_churn():
    trial = try_notebook("churn")
    assert trial.rows["churn_scores"] > 0
"""

from assetbook.testing.model import Trial, TrialFailed, TriedInput
from assetbook.testing.trying import try_notebook

__all__ = ["Trial", "TrialFailed", "TriedInput", "try_notebook"]
