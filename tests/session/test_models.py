from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import yaml
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from assetbook.errors import SessionError
from assetbook.session.models import read_model, replace_model, write_model

pytestmark = pytest.mark.filterwarnings("ignore:.*Any type hint:UserWarning")  # MLflow's, at its import

X = pd.DataFrame({"delay": np.arange(40.0), "hour": np.arange(40) % 24})
LATE = X.delay > 20


class Doubling:
    """A model that is none of scikit-learn's."""

    def predict(self, frame: pd.DataFrame) -> Any:
        return frame.delay.to_numpy() * 2


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "delay_model"


def _description(folder: Path) -> dict[str, Any]:
    return dict(yaml.safe_load((folder / "MLmodel").read_text()))


def test_a_classifier_comes_back_as_itself(folder: Path) -> None:
    model = HistGradientBoostingClassifier(max_iter=5).fit(X, LATE)
    saved = write_model("delay_model", model, sample=X, to=folder, root=folder)
    loaded = read_model("delay_model", folder)
    assert type(loaded) is type(model)
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    assert saved.answers == "predict_proba"
    assert saved.sample_rows == 40
    assert saved.signature is not None
    assert '"name": "hour"' in saved.signature["inputs"]


def test_the_folder_is_a_model_of_mlflow(folder: Path) -> None:
    import mlflow.pyfunc

    model = LogisticRegression().fit(X, LATE)
    write_model("delay_model", model, sample=X, to=folder, root=folder)
    generic = mlflow.pyfunc.load_model(str(folder))
    np.testing.assert_allclose(generic.predict(X), model.predict_proba(X))
    assert len(generic.input_example) == 5


def test_requirements_are_the_installed_versions_of_what_the_model_uses(folder: Path) -> None:
    import sklearn

    model = make_pipeline(FunctionTransformer(lambda frame: np.log1p(frame)), LogisticRegression()).fit(
        X, LATE
    )
    write_model("delay_model", model, sample=X, to=folder, root=folder)
    wanted = (folder / "requirements.txt").read_text().split()
    assert f"scikit-learn=={sklearn.__version__}" in wanted
    assert f"numpy=={np.__version__}" in wanted
    assert not [line for line in wanted if line.startswith(("dagster", "papermill", "polars"))]


def test_a_regressor_answers_with_predict(folder: Path) -> None:
    saved = write_model("fit", LinearRegression().fit(X, X.delay), sample=X, to=folder, root=folder)
    assert saved.answers == "predict"


def test_any_object_with_predict_is_a_model(folder: Path) -> None:
    import mlflow.pyfunc

    write_model("doubling", Doubling(), sample=X, to=folder, root=folder)
    assert type(read_model("doubling", folder)).__name__ == "Doubling"
    np.testing.assert_array_equal(read_model("doubling", folder).predict(X), X.delay * 2)
    np.testing.assert_array_equal(mlflow.pyfunc.load_model(str(folder)).predict(X), X.delay * 2)


def test_a_polars_sample_is_as_good(folder: Path) -> None:
    model = LogisticRegression().fit(X, LATE)
    saved = write_model("delay_model", model, sample=pl.from_pandas(X), to=folder, root=folder)
    assert saved.signature is not None


def test_without_a_sample_there_is_no_signature(folder: Path) -> None:
    saved = write_model("delay_model", LogisticRegression().fit(X, LATE), sample=None, to=folder, root=folder)
    assert saved.signature is None
    assert "signature" not in _description(folder)
    assert read_model("delay_model", folder).predict(X).shape == (40,)


def test_code_of_the_workspace_goes_into_the_model(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cleaning.py").write_text("import numpy as np\ndef clean(frame): return np.abs(frame)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    clean = importlib.import_module("cleaning").clean
    model = make_pipeline(FunctionTransformer(clean), LogisticRegression()).fit(X, LATE)
    write_model("delay_model", model, sample=X, to=folder, root=tmp_path)
    code = f"import pickle; print(type(pickle.load(open({str(folder / 'model.pkl')!r}, 'rb'))).__name__)"
    done = subprocess.run(  # a process that does not know the module
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/"
    )
    assert done.stdout == "Pipeline\n"


def test_reading_a_model_does_not_import_mlflow(folder: Path) -> None:
    write_model("delay_model", LogisticRegression().fit(X, LATE), sample=X, to=folder, root=folder)
    code = (
        "import sys; from pathlib import Path; from assetbook.session.models import read_model;"
        f"read_model('delay_model', Path({str(folder)!r})); print('mlflow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_model_that_mlflow_wrote_otherwise_is_read_by_mlflow(folder: Path) -> None:
    import mlflow.sklearn

    mlflow.sklearn.save_model(
        LinearRegression().fit(X, X.delay), str(folder), pip_requirements=["scikit-learn"]
    )
    assert _description(folder)["flavors"]["sklearn"]["serialization_format"] == "skops"
    assert isinstance(read_model("fit", folder), LinearRegression)


@pytest.mark.parametrize("model", [LogisticRegression().fit(X, LATE), Doubling()])
def test_writing_is_silent(model: Any, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_model("delay_model", model, sample=X, to=folder, root=folder)
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""


@pytest.mark.parametrize(
    ("model", "sample", "message"),
    [
        ({"a": 1}, None, "needs a predict method, found dict"),
        (LogisticRegression, None, "is a class. Give a fitted object"),
        (LogisticRegression(), None, "this LogisticRegression is not fitted"),
        (LogisticRegression().fit(X, LATE), X[["hour"]], "cannot predict its own sample"),
    ],
)
def test_what_cannot_be_a_model_says_why(folder: Path, model: Any, sample: Any, message: str) -> None:
    with pytest.raises(SessionError, match=message):
        write_model("delay_model", model, sample=sample, to=folder, root=folder)
    assert not folder.exists()


def test_a_sample_that_mlflow_cannot_describe_says_why(folder: Path) -> None:
    odd = X.assign(note=[{1, 2}] * 40)
    with pytest.raises(SessionError, match=r"cannot describe this model and its sample .*set"):
        write_model("doubling", Doubling(), sample=odd, to=folder, root=folder)


def test_a_model_that_cannot_be_pickled_says_why(folder: Path) -> None:
    model = Doubling()
    model.source = (n for n in range(3))  # type: ignore[attr-defined]
    with pytest.raises(SessionError, match=r"cannot be pickled .*generator"):
        write_model("doubling", model, sample=X, to=folder, root=folder)


def test_a_folder_that_is_no_model_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SessionError, match=r"'delay_model' in .* cannot be loaded: FileNotFoundError"):
        read_model("delay_model", tmp_path)


def test_a_damaged_model_is_an_error(folder: Path) -> None:
    write_model("delay_model", LogisticRegression().fit(X, LATE), sample=X, to=folder, root=folder)
    (folder / "model.pkl").write_bytes(b"")
    with pytest.raises(SessionError, match="cannot be loaded: EOFError"):
        read_model("delay_model", folder)


def test_replacing_keeps_the_old_model_when_the_new_one_fails(folder: Path) -> None:
    replace_model("delay_model", LogisticRegression().fit(X, LATE), sample=X, to=folder, root=folder)
    with pytest.raises(SessionError, match="not fitted"):
        replace_model("delay_model", LinearRegression(), sample=X, to=folder, root=folder)
    assert isinstance(read_model("delay_model", folder), LogisticRegression)
    replace_model("delay_model", LinearRegression().fit(X, X.delay), sample=X, to=folder, root=folder)
    assert isinstance(read_model("delay_model", folder), LinearRegression)
    assert list(folder.parent.glob("*.new")) + list(folder.parent.glob(".*")) == []
