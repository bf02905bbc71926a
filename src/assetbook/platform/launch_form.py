"""The launch form of a notebook: its parameters as Dagster's run configuration.

Dagster refuses unknown names and most wrong types while they are typed. What its types cannot say, such as a date,
the field's description says, and `Parameter.validate` refuses when the run is to be launched.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import dagster as dg
from dagster._config import ConfigType, resolve_to_config_type
from dagster._config.errors import PostProcessingError

from assetbook.contract import Parameter, TypeSpec
from assetbook.errors import ParameterError
from assetbook.platform.io_manager import LakeIOManager
from assetbook.platform.tracking import MlflowResource

_SCALARS: dict[str, Any] = {
    "str": str,
    "int": int,
    "bool": bool,
    "float": float,
    "date": str,
    "datetime": str,
}
_ANYTHING = dg.Noneable(dg.Any)  # in a list or a dict; there Dagster's Any does not include None


def config_schema(
    parameters: Iterable[Parameter], *, owner: str, secrets: Collection[str] = ()
) -> dict[str, dg.Field]:
    """Return a typed field with default and description for each parameter.

    Args:
        parameters: those that a person may set (not the one bound to the partition key).
        owner: a name that keeps the choices of different notebooks apart.
        secrets: the parameters that can be taken from an environment variable, as ``{"env": "NAME"}``: what is
            typed into the form is kept with the run.
    """
    return {
        p.name: dg.Field(
            dg.StringSource
            if _is_secret_text(p, secrets)
            else _checked(_config_type(p.type, f"{owner}.{p.name}"), p),
            default_value=p.to_config(p.default),
            is_required=False,
            description=_description(p, secrets),
        )
        for p in parameters
    }


def _checked(config_type: Any, parameter: Parameter) -> ConfigType:
    """Return a config type that refuses, before a run is launched, what only the parameter's own type can tell."""
    plain = resolve_to_config_type(config_type)
    checked: ConfigType = object.__new__(type(plain))  # its own `__new__` would give the same one again
    vars(checked).update(vars(plain))

    def post_process(value: Any) -> Any:
        given = plain.post_process(value)
        try:
            parameter.validate(given)
        except ParameterError as error:
            raise PostProcessingError(str(error)) from None
        return given

    checked.post_process = post_process  # type: ignore[method-assign]
    return checked


def _is_secret_text(parameter: Parameter, secrets: Collection[str]) -> bool:
    return parameter.name in secrets and parameter.type.kind == "str"


def _config_type(spec: TypeSpec, name: str) -> Any:
    """Return the Dagster type nearest to `spec`; `name` is that of an enumeration, should it be one."""
    match spec.kind:
        case "literal":
            return _choices(spec.choices, name)
        case "union":
            members = [arg for arg in spec.args if arg.kind != "none"]
            inner = _config_type(members[0], name) if len(members) == 1 else dg.Any
            return dg.Noneable(inner) if spec.optional else inner
        case "list":
            return dg.Array(_member_type(spec.args[0], name) if spec.args else _ANYTHING)
        case "dict" if spec.args and spec.args[0].kind == "str":
            return dg.Map(str, _member_type(spec.args[1], name))  # type: ignore[no-untyped-call]
        case "dict":
            return dict  # of any keys
    return _SCALARS.get(spec.kind, dg.Any)


def _member_type(spec: TypeSpec, name: str) -> Any:
    return _ANYTHING if spec.kind in ("any", "none") else _config_type(spec, name)


def _choices(choices: tuple[Any, ...], name: str) -> Any:
    """Return an enumeration of text; choices of other kinds have no form but their type's."""
    some = [choice for choice in choices if choice is not None]
    kinds = {type(choice) for choice in some}
    if kinds == {str}:
        inner: Any = dg.Enum(name, [dg.EnumValue(choice) for choice in some])
    else:
        inner = kinds.pop() if len(kinds) == 1 else dg.Any
    return dg.Noneable(inner) if len(some) < len(choices) else inner


def _description(parameter: Parameter, secrets: Collection[str]) -> str:
    """Return what the author says of the parameter, and what Dagster's type does not show."""
    said = [parameter.description] if parameter.description else []
    said.append(_type_in_words(parameter.type))
    if parameter.name in secrets:
        said.append('Secret: give {"env": "NAME"}, the environment variable that holds it.')
    return "\n\n".join(said)


def _type_in_words(spec: TypeSpec) -> str:
    if _has_dates(spec):
        return f"{spec}, such as {spec.example}"
    return str(spec)


def _has_dates(spec: TypeSpec) -> bool:
    return spec.kind in ("date", "datetime") or any(_has_dates(arg) for arg in spec.args)


def without_form(resource: Any) -> Any:
    """Return a resource of ours without fields in the launch form: where data goes is fixed, and may hold secrets."""
    if not isinstance(resource, LakeIOManager | MlflowResource):
        return resource
    definition = resource.get_resource_definition()
    return definition.configured(definition.config_schema.default_value)
