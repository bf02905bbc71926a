"""A notebook's parameters: names, types, defaults, and the values that a run gives them."""

from __future__ import annotations

import copy
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assetbook.contract.types import Kind, TypeSpec, to_config
from assetbook.errors import ParameterError, did_you_mean

if TYPE_CHECKING:
    from assetbook.contract.model import Contract

__all__ = [
    "Kind",
    "Parameter",
    "TypeSpec",
    "changed_parameters",
    "no_such_parameter",
    "resolve_parameters",
]

_MONTH = re.compile(r"\d{4}-\d{2}")


@dataclass(frozen=True)
class Parameter:
    """One name of the parameters cell."""

    name: str
    type: TypeSpec
    default: Any
    description: str | None = None

    def validate(self, value: Any) -> Any:
        """Return a value from a launch form or from Python as the type has it.

        Raises:
            ParameterError: the value is not of the type.
        """
        try:
            return self.type.convert(value)
        except ParameterError as error:
            raise ParameterError(f"Parameter {self.name!r}: {error}.") from None

    def from_key(self, key: str) -> Any:
        """Return the value that a partition key gives: the key itself, or for a date its first day or moment.

        Raises:
            ParameterError: the type has no value for the key.
        """
        try:
            return self.validate(key)
        except ParameterError:
            if not _MONTH.fullmatch(key):
                raise
            return self.validate(f"{key}-01")

    def to_config(self, value: Any) -> Any:
        """Return a value as JSON has it; `validate` gives it back."""
        return to_config(value)

    def is_default(self, value: Any) -> bool:
        """Whether a value is the default, as far as a launch form can tell; True is not 1 there, nor is 1.0."""
        return repr(to_config(value)) == repr(to_config(self.default))


def resolve_parameters(contract: Contract, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the value of every parameter: what is given, checked, and the defaults.

    The parameter that the partitions are bound to is given the partition key. What is given as the launch form
    has the default is the default itself: a form has text for a date, and for each key of a dict.

    Raises:
        ParameterError: names that the notebook does not have, or values of the wrong type; all of them.
    """
    known = {parameter.name: parameter for parameter in contract.parameters}
    wrong = [no_such_parameter(name, known) for name in given if name not in known]
    values: dict[str, Any] = {}
    partitions = contract.options.partitions
    for name, parameter in known.items():
        read = parameter.from_key if partitions and name == partitions.parameter else parameter.validate
        try:
            value = read(given[name]) if name in given else parameter.default
        except ParameterError as error:
            wrong.append(str(error))
        else:
            values[name] = copy.deepcopy(parameter.default) if parameter.is_default(value) else value
    if wrong:
        raise ParameterError("\n".join(f"{contract.path}: {message}" for message in wrong))
    return values


def changed_parameters(contract: Contract, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return those values that a run has to set: the parameters' own assignments give the others.

    These are the ones that differ from the defaults, and the partition key. A default that is set once more could
    only become another value, such as a list where the notebook has a tuple.
    """
    partitions = contract.options.partitions
    bound = partitions.parameter if partitions else None
    return {
        p.name: values[p.name]
        for p in contract.parameters
        if p.name == bound or not p.is_default(values[p.name])
    }


def no_such_parameter(name: str, known: Collection[str]) -> str:
    """Return the message for a parameter that a notebook with the parameters `known` does not have."""
    if not known:
        return f"There is no parameter {name!r}, nor any other: tag the code cell that assigns them `parameters`."
    return f"There is no parameter {name!r}. {did_you_mean(name, known)}"
