"""Conditions: a small language of comparisons, read by its own rules. A drawing is never run as code.

Names, constants, `and or not`, `== != < <= > >=`, `in` and `not in` a list, brackets. Text that is a number compares
with a number as one; a missing value is None, and nothing is smaller or larger than it.
"""

import ast
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from kernel.errors import Invalid

Lookup = Callable[[str], Any]
"""The value of a name, or of a dotted path; None when there is none."""

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: eq,
    ast.NotEq: ne,
    ast.Lt: lt,
    ast.LtE: le,
    ast.Gt: gt,
    ast.GtE: ge,
}


def evaluate(expression: str, lookup: Lookup) -> Any:
    """What the expression comes to. Raises Invalid for what is not of the language."""
    return _value(parse(expression), lookup)


@lru_cache(maxsize=1_000)
def parse(expression: str) -> ast.expr:
    """The expression, if it is of the language. Raises Invalid, naming the part that is not."""
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise Invalid(f"{expression!r} is no condition: {error}", hint=_HINT) from None
    _check(tree, expression)
    return tree


_HINT = "names, constants, and, or, not, comparisons, in and lists; docs/workflows.md"


def _check(node: ast.expr, whole: str) -> None:
    match node:
        case ast.Name() | ast.Constant(value=str() | int() | float() | None):
            return
        case ast.Attribute(value=ast.Name() | ast.Attribute() as inner):
            _check(inner, whole)
        case ast.BoolOp(values=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts):
            for part in parts:
                _check(part, whole)
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=inner):
            _check(inner, whole)
        case ast.Compare(left=left, comparators=others):
            for part in (left, *others):
                _check(part, whole)
        case _:
            raise Invalid(f"{ast.unparse(node)!r} in {whole!r} is not of the language of conditions", hint=_HINT)


def _value(node: ast.expr, lookup: Lookup) -> Any:
    match node:
        case ast.Constant(value=float()):
            return Decimal(ast.unparse(node))
        case ast.Constant(value=constant):
            return constant
        case ast.Name() | ast.Attribute():
            return lookup(ast.unparse(node))
        case ast.BoolOp(op=ast.And(), values=parts):
            return all(_value(part, lookup) for part in parts)
        case ast.BoolOp(values=parts):
            return any(_value(part, lookup) for part in parts)
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [_value(part, lookup) for part in parts]
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return not _value(inner, lookup)
        case ast.UnaryOp(operand=inner):
            return -(_number(_value(inner, lookup)) or 0)
        case ast.Compare(left=left, ops=operators, comparators=others):
            values = [_value(part, lookup) for part in (left, *others)]
            return all(_compared(op, one, two) for op, one, two in zip(operators, values, values[1:], strict=False))
    raise AssertionError(ast.dump(node))


def _compared(operator: ast.cmpop, one: Any, two: Any) -> bool:
    if isinstance(operator, ast.Is | ast.IsNot):
        return (one is two) == isinstance(operator, ast.Is)
    if isinstance(operator, ast.In | ast.NotIn):
        found = isinstance(two, list) and any(_compared(ast.Eq(), one, each) for each in two)
        return found == isinstance(operator, ast.In)
    if _is_number(one) or _is_number(two):
        one, two = _number(one, one), _number(two, two)
    if isinstance(operator, ast.Eq | ast.NotEq):
        return _COMPARE[type(operator)](one, two)
    comparable = (_is_number(one) and _is_number(two)) or (isinstance(one, str) and isinstance(two, str))
    return comparable and _COMPARE[type(operator)](one, two)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _number(value: Any, otherwise: Any = None) -> Any:
    """The number that a text is, or `otherwise`."""
    if _is_number(value):
        return value
    try:
        number = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        return otherwise
    return otherwise if number is None or number.is_nan() else number
