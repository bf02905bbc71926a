"""AB40: what chance decides."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from assetbook.checking.model import Edit, Finding, Fix
from assetbook.checking.rule import Rule
from assetbook.checking.sampling import needs_random_state
from assetbook.checking.subject import Subject

_SEEDS = {
    "numpy.random.seed": "numpy", "random.seed": "random",
    "torch.manual_seed": "torch", "torch.random.manual_seed": "torch",
    "torch.cuda.manual_seed_all": "cuda",
    "tensorflow.random.set_seed": "tensorflow", "tensorflow.set_random_seed": "tensorflow",
    "lightning.seed_everything": "*", "pytorch_lightning.seed_everything": "*", "keras.utils.set_random_seed": "*",
    "tensorflow.keras.utils.set_random_seed": "*", "transformers.set_seed": "*", "fastai.torch_core.set_seed": "*",
    "sklearn.utils.check_random_state": "", "jax.random.PRNGKey": "jax",
}  # fmt: skip
_NUMPY_TEXT = """
    rand randn randint random random_sample ranf sample choice shuffle permutation normal uniform binomial poisson
    exponential beta gamma standard_normal multivariate_normal lognormal laplace logistic geometric multinomial
    dirichlet chisquare triangular pareto weibull standard_t standard_exponential standard_cauchy gumbel vonmises
    bytes random_integers zipf hypergeometric negative_binomial logseries power rayleigh wald f
"""
_NUMPY = frozenset(_NUMPY_TEXT.split())
_RANDOM = frozenset(
    [
        "random",
        "randint",
        "randrange",
        "choice",
        "choices",
        "shuffle",
        "sample",
        "uniform",
        "gauss",
        "normalvariate",
        "triangular",
        "betavariate",
        "expovariate",
        "gammavariate",
        "lognormvariate",
        "vonmisesvariate",
        "paretovariate",
        "weibullvariate",
        "getrandbits",
        "randbytes",
    ]
)
_TORCH = frozenset(
    [
        "torch.rand",
        "torch.randn",
        "torch.randint",
        "torch.randperm",
        "torch.normal",
        "torch.bernoulli",
        "torch.multinomial",
        "torch.rand_like",
        "torch.randn_like",
        "torch.utils.data.random_split",
    ]
)
_TENSORFLOW = (
    "tensorflow.random.", "tensorflow.keras.Sequential", "tensorflow.keras.models.Sequential", "tensorflow.keras.Model",
    "keras.Sequential", "keras.models.Sequential", "keras.Model",
)  # fmt: skip
_SEEDER = re.compile(
    r"(set|fix|init|reset)_(\w+_)?seeds?|seed_(everything|all|everyone|it_all)|set_random_state",
    re.IGNORECASE,
)
_GENERATORS = frozenset(
    {"default_rng", "RandomState", "PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64", "SeedSequence"}
)
_HINTS = {
    "numpy": "Draw from rng = np.random.default_rng(0), or call np.random.seed(0) at the top.",
    "random": "Draw from random.Random(0), or call random.seed(0) at the top.",
    "torch": "Call torch.manual_seed(0) at the top.",
    "tensorflow": "Call keras.utils.set_random_seed(0) at the top.",
}


@dataclass(frozen=True)
class Draw:
    """A call that draws at random from a library's shared generator."""

    library: str
    call: ast.Call


class UnseededRandomness(Rule):
    """Numbers are drawn at random without a seed.

    Each run gives another result: neither the author nor a check can say whether a change of the code or chance
    has changed it. Told once for each library.
    """

    code = "AB401"
    name = "unseeded-randomness"
    severity = "warning"
    example = "import numpy as np\nnoise = np.random.normal(size=100)"
    better = "import numpy as np\nnoise = np.random.default_rng(0).normal(size=100)"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for draws before which no seed is set."""
        seeds = seeded(subject)
        told: dict[str, list[ast.Call]] = {}
        for draw in draws(subject):
            if not is_seeded(subject, draw.call, draw.library, seeds):
                told.setdefault(draw.library, []).append(draw.call)
        for library, calls in told.items():
            more = f" Also at {len(calls) - 1} more places." if len(calls) > 1 else ""
            hint = _HINTS.get(library, "Give it a seed.")
            yield self.at(
                subject,
                calls[0],
                f"{ast.unparse(calls[0].func)} draws at random without a seed.{more}",
                hint=hint,
            )


class NoRandomState(Rule):
    """A split, a sample or an estimator draws at random, and `random_state` is not set.

    The rows that a model is trained and tested on change from run to run, and its figures with them.
    """

    code = "AB402"
    name = "no-random-state"
    severity = "warning"
    example = "from sklearn.cluster import KMeans\nmodel = KMeans(3)"
    better = "from sklearn.cluster import KMeans\nmodel = KMeans(3, random_state=0)"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look at the calls of scikit-learn and pandas that take ``random_state``."""
        seeds = seeded(subject)
        for call in subject.calls:
            name = needs_random_state(call, subject)
            if name and not is_seeded(subject, call, "numpy", seeds):
                yield self.at(
                    subject,
                    call,
                    f"{name} draws at random, and random_state is not set.",
                    hint="Add random_state=0, or a parameter of the notebook.",
                    fix=add_argument(subject, call, "random_state=0"),
                )


def seeded(subject: Subject) -> dict[str, tuple[int, int, int]]:
    """Return the libraries whose shared generator is given a seed, with the place of the first."""
    found: dict[str, tuple[int, int, int]] = {}
    for call in subject.calls:
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        helper = "*" if _SEEDER.fullmatch(name) else ""
        library = _SEEDS.get(subject.origin(call.func), helper)
        if library and (call.args or call.keywords) and not _is_none(call):
            found.setdefault(library, _runs_at(subject, call))
    return found


def _runs_at(subject: Subject, call: ast.Call) -> tuple[int, int, int]:
    """Return where a call runs: of one in a function, where the function is called first."""
    scope = subject.scopes.scope(call)
    if isinstance(scope, ast.FunctionDef):
        calls = subject.bindings.calls.get(scope.name, [])
        return min(map(subject.scopes.start, calls), default=(10**9, 0, 0))
    return subject.scopes.start(call)


def is_seeded(subject: Subject, call: ast.Call, library: str, seeds: dict[str, tuple[int, int, int]]) -> bool:
    """Whether a library's generator has a seed when a call draws from it; ``seeds`` are those of `seeded`."""
    places = [seeds[name] for name in (library, "*") if name in seeds]
    return any(place < subject.scopes.start(call) or subject.scopes.deferred(call) for place in places)


def _is_none(call: ast.Call) -> bool:
    return bool(call.args) and isinstance(call.args[0], ast.Constant) and call.args[0].value is None


def draws(subject: Subject) -> Iterator[Draw]:
    """Give the calls that draw from a library's shared generator, and generators made without a seed."""
    for call in subject.calls:
        origin = subject.origin(call.func)
        package, _, name = origin.rpartition(".")
        if package == "numpy.random" and (name in _NUMPY or (name in _GENERATORS and _is_free(call))):
            yield Draw("numpy", call)
        elif package == "random" and (name in _RANDOM or (name == "Random" and _is_free(call))):
            yield Draw("random", call)
        elif name == "rvs" and package.startswith("scipy.stats") and not _has(call, "random_state"):
            yield Draw("numpy", call)
        elif (origin in _TORCH and not _has(call, "generator")) or _is_layer(package, name):
            yield Draw("torch", call)
        elif origin.startswith(_TENSORFLOW) and name not in ("set_seed", "Generator"):
            yield Draw("tensorflow", call)


_TORCH_LAYERS = frozenset(
    {"Linear", "Conv1d", "Conv2d", "Conv3d", "LSTM", "GRU", "RNN", "Embedding", "Transformer", "Bilinear"}
)


def _is_layer(package: str, name: str) -> bool:
    """Whether a layer of torch begins with weights that are drawn."""
    return package.startswith("torch.nn") and name in _TORCH_LAYERS


def _has(call: ast.Call, argument: str) -> bool:
    return any(keyword.arg in (argument, None) for keyword in call.keywords)


def _is_free(call: ast.Call) -> bool:
    """Whether a generator is made without a seed."""
    return (not call.args and not call.keywords) or _is_none(call)


def add_argument(subject: Subject, call: ast.Call, text: str) -> Fix | None:
    """Return the fix that adds an argument to a call."""
    spot = subject.spot(call)
    if spot.end is None or subject.is_translated(call):
        return None
    last = (spot.end[0], spot.end[1] - 2)  # before the closing bracket
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    cell = subject.cell(spot.cell)
    line = cell.source.split("\n")[last[0] - 1]
    before = line[: last[1]].rstrip()
    comma = "" if not given or before.endswith((",", "(")) else ", "
    if not before:  # the bracket has a line to itself
        return None
    space = " " if before.endswith(",") and not line[: last[1]].endswith(" ") else ""
    return Fix(f"Add {text}.", (Edit(cell.index, last, last, f"{comma}{space}{text}"),))
