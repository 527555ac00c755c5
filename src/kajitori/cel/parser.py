"""From tokens to a tree: precedence climbing, macros expanded into nodes.

May import: cel.{ast, lexer, errors, types}.
"""

from __future__ import annotations

from typing import NoReturn

from kajitori.cel import ast
from kajitori.cel.errors import CompileError, Issue
from kajitori.cel.lexer import LITERALS, RESERVED, Token, tokens
from kajitori.cel.types import BOOL, BYTES, DOUBLE, INT, NULL, STRING, UINT
from kajitori.cel.values import Uint

MAX_DEPTH = 250
_INT_MIN, _INT_MAX, _UINT_MAX = -(2**63), 2**63 - 1, 2**64 - 1
_FOLDS = {"all": (2, 3), "exists": (2, 3), "exists_one": (2, 3), "existsOne": (2, 3), "filter": (2,), "map": (2, 3)}
_RELATIONS = frozenset({"==", "!=", "<", "<=", ">", ">=", "in"})


def parse(expression: str) -> ast.Node:
    """The tree of an expression. Raises CompileError."""
    parser = _Parser(expression)
    node = parser.expression()
    if parser.peek.kind != "end":
        parser.fail(f"Syntax error: mismatched input '{parser.peek.text}' expecting <EOF>")
    return node


class _Parser:
    def __init__(self, expression: str) -> None:
        self._text = expression
        self._tokens = tokens(expression)
        self._at = 0
        self._depth = 0

    # tokens

    @property
    def peek(self) -> Token:
        return self._tokens[self._at]

    def next(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def is_op(self, *operators: str) -> bool:
        token = self.peek
        return token.kind == "op" and token.value in operators

    def accept(self, operator: str) -> bool:
        if self.is_op(operator):
            self._at += 1
            return True
        return False

    def expect(self, operator: str) -> Token:
        if not self.is_op(operator):
            self.fail(f"Syntax error: mismatched input '{self.peek.text}' expecting '{operator}'")
        return self.next()

    def fail(self, message: str, offset: int | None = None) -> NoReturn:
        raise CompileError(self._text, [Issue(self.peek.offset if offset is None else offset, message)])

    # grammar

    def expression(self) -> ast.Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self.fail(f"expression recursion limit exceeded: {MAX_DEPTH}")
        condition = self._or()
        if self.is_op("?"):
            offset = self.next().offset
            then = self._or()
            self.expect(":")
            condition = ast.Call(offset, "_?_:_", [condition, then, self.expression()])
        self._depth -= 1
        return condition

    def _or(self) -> ast.Node:
        node = self._and()
        while self.is_op("||"):
            offset = self.next().offset
            node = ast.Call(offset, "_||_", [node, self._and()])
        return node

    def _and(self) -> ast.Node:
        node = self._relation()
        while self.is_op("&&"):
            offset = self.next().offset
            node = ast.Call(offset, "_&&_", [node, self._relation()])
        return node

    def _relation(self) -> ast.Node:
        node = self._sum()
        while self.peek.value in _RELATIONS and self.peek.kind in ("op", "ident"):
            token = self.next()
            name = "@in" if token.value == "in" else f"_{token.value}_"
            node = ast.Call(token.offset, name, [node, self._sum()])
        return node

    def _sum(self) -> ast.Node:
        node = self._product()
        while self.is_op("+", "-"):
            token = self.next()
            node = ast.Call(token.offset, f"_{token.value}_", [node, self._product()])
        return node

    def _product(self) -> ast.Node:
        node = self._unary()
        while self.is_op("*", "/", "%"):
            token = self.next()
            node = ast.Call(token.offset, f"_{token.value}_", [node, self._unary()])
        return node

    def _unary(self) -> ast.Node:
        if self.is_op("!"):
            offset = self.next().offset
            count = 1
            while self.accept("!"):
                count += 1
            node = self._unary()
            return ast.Call(offset, "!_", [node]) if count % 2 else node
        if self.is_op("-"):
            token = self.next()
            following = self.peek
            if following.kind in ("int", "float"):  # a negative literal, so that the smallest int can be written
                node = self._number(self.next(), negative=True)
                return self._members(node)
            count = 1
            while self.accept("-"):
                count += 1
            node = self._unary()
            return ast.Call(token.offset, "-_", [node]) if count % 2 else node
        return self._members(self._primary())

    def _members(self, node: ast.Node) -> ast.Node:
        while True:
            token = self.peek
            if token.kind != "op":
                return node
            if token.value == ".":
                self.next()
                node = self._member(node, token.offset)
            elif token.value == ".?":
                self.next()
                name = self._identifier(field=True)
                node = ast.Select(token.offset, node, name.value, optional=True)
            elif token.value in ("[", "[?"):
                self.next()
                index = self.expression()
                self.expect("]")
                node = ast.Call(token.offset, "_[_]" if token.value == "[" else "_[?_]", [node, index])
            elif token.value == "{" and (name_ := ast.qualified(node)):
                node = self._struct(name_, token.offset)
            else:
                return node

    def _identifier(self, *, field: bool = False) -> Token:
        token = self.next()
        if token.kind != "ident" or (token.value in (LITERALS if field else RESERVED) and token.text[0] != "`"):
            self._at -= 1
            what = "reserved identifier: " + str(token.value) if token.kind == "ident" else ""
            self.fail(what or f"Syntax error: mismatched input '{token.text}' expecting IDENTIFIER")
        return token

    def _member(self, node: ast.Node, offset: int) -> ast.Node:
        name = self._identifier(field=True)
        if not self.is_op("("):
            return ast.Select(offset, node, name.value)
        open_ = self.next().offset
        return self._method(node, name.value, self._arguments(")"), open_)

    def _arguments(self, closing: str) -> list[ast.Node]:
        found: list[ast.Node] = []
        while not self.is_op(closing):
            found.append(self.expression())
            if not self.accept(","):
                break
        self.expect(closing)
        return found

    def _method(self, target: ast.Node, name: str, args: list[ast.Node], offset: int) -> ast.Node:
        if name in _FOLDS and len(args) in _FOLDS[name]:
            return self._fold(target, name, args, offset)
        if name in ("transformList", "transformMap", "transformMapEntry") and len(args) in (3, 4):
            first, second = self._variable(args[0]), self._variable(args[1])
            condition = args[2] if len(args) == 4 else None
            return ast.Fold(offset, name, target, first, second, condition, args[-1])
        if name in ("optMap", "optFlatMap") and len(args) == 2:
            variable = self._variable(args[0])
            return ast.Bind(offset, variable, target, args[1], optional=True, flat=name == "optFlatMap")
        return ast.Call(offset, name, args, target)

    def _variable(self, node: ast.Node) -> str:
        if not isinstance(node, ast.Ident):
            self.fail("argument must be a simple name", node.offset)
        return node.name

    def _fold(self, target: ast.Node, name: str, args: list[ast.Node], offset: int) -> ast.Node:
        kind = "exists_one" if name == "existsOne" else name
        first = self._variable(args[0])
        if kind == "map":
            condition = args[1] if len(args) == 3 else None
            return ast.Fold(offset, "map", target, first, "", condition, args[-1])
        second = self._variable(args[1]) if len(args) == 3 else ""
        return ast.Fold(offset, kind, target, first, second, args[-1], None)

    def _primary(self) -> ast.Node:  # noqa: RET503 (fail does not return)
        token = self.next()
        if token.kind in ("int", "uint", "float"):
            return self._number(token)
        if token.kind == "string":
            return ast.Literal(token.offset, token.value, STRING)
        if token.kind == "bytes":
            return ast.Literal(token.offset, token.value, BYTES)
        if token.kind == "ident":
            return self._named(token)
        if token.kind == "op":
            if token.value == "(":
                node = self.expression()
                self.expect(")")
                return node
            if token.value in ("[", "[?"):
                self._at -= token.value == "[?"
                return self._list(token)
            if token.value == "{":
                return self._map(token.offset)
            if token.value == ".":
                return self._named(self.next())
        self._at -= 1
        self.fail(
            f"Syntax error: mismatched input '{token.text}' expecting "
            "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, "
            "IDENTIFIER}"
        )

    def _number(self, token: Token, *, negative: bool = False) -> ast.Node:
        value = -token.value if negative else token.value
        if token.kind == "float":
            return ast.Literal(token.offset, value, DOUBLE)
        if token.kind == "uint":
            if value > _UINT_MAX:
                self.fail("invalid uint literal", token.offset)
            return ast.Literal(token.offset, Uint(value), UINT)
        if not _INT_MIN <= value <= _INT_MAX:
            self.fail("invalid int literal", token.offset)
        return ast.Literal(token.offset, value, INT)

    def _named(self, token: Token) -> ast.Node:
        match token.value:
            case "true" | "false":
                return ast.Literal(token.offset, token.value == "true", BOOL)
            case "null":
                return ast.Literal(token.offset, None, NULL)
        if token.kind != "ident":
            self._at -= 1
            self.fail(f"Syntax error: mismatched input '{token.text}' expecting IDENTIFIER")
        if token.value in RESERVED:
            self.fail(f"reserved identifier: {token.value}", token.offset)
        if not self.is_op("("):
            return ast.Ident(token.offset, token.value)
        offset = self.next().offset
        args = self._arguments(")")
        if token.value == "has" and len(args) == 1:
            operand = args[0]
            if not isinstance(operand, ast.Select):
                self.fail("invalid argument to has() macro", operand.offset)
            return ast.Has(offset, operand.operand, operand.field)
        return ast.Call(offset, token.value, args)

    def _list(self, token: Token) -> ast.Node:
        items: list[ast.Node] = []
        optional: set[int] = set()
        if token.value == "[?":
            self._at += 1
            optional.add(0)
        while not self.is_op("]"):
            if self.accept("?"):
                optional.add(len(items))
            items.append(self.expression())
            if not self.accept(","):
                break
        self.expect("]")
        return ast.ListNode(token.offset, items, frozenset(optional))

    def _map(self, offset: int) -> ast.Node:
        entries: list[tuple[ast.Node, ast.Node]] = []
        optional: set[int] = set()
        while not self.is_op("}"):
            if self.accept("?"):
                optional.add(len(entries))
            key = self.expression()
            self.expect(":")
            entries.append((key, self.expression()))
            if not self.accept(","):
                break
        self.expect("}")
        return ast.MapNode(offset, entries, frozenset(optional))

    def _struct(self, name: str, offset: int) -> ast.Node:
        self.expect("{")
        fields: list[tuple[str, ast.Node, bool]] = []
        while not self.is_op("}"):
            optional = self.accept("?")
            field = self._identifier(field=True).value
            self.expect(":")
            fields.append((field, self.expression(), optional))
            if not self.accept(","):
                break
        self.expect("}")
        return ast.StructNode(offset, name, fields)
