"""The text form of filters, such as `lang == "en" and 2019 <= year < 2022`: from text to conditions.

either    = all {"or" all}
all       = one {"and" one}
one       = "not" one | "(" either ")" | test
test      = field ("==" | "!=" | "<" | "<=" | ">" | ">=") value
          | value ("==" | "!=" | "<" | "<=" | ">" | ">=") field [("<" | "<=" | ">" | ">=") value]
          | field ["not"] "in" "(" [value {"," value}] ")"  |  value ["not"] "in" field
          | field "startswith" text  |  field "exists"
field     = a name of letters, digits, `_`, `.` and `-`, or any name in backticks
value     = text in single or double quotes, a number, true, false
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, cast

from irloom.core.errors import BadFilter
from irloom.core.filter import KEYWORDS, And, Bound, Condition, Exists, In, Not, Or, Range, StartsWith, Value, canonical_field

_DEEPEST = 100
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<quoted>`(?:[^`]|``)+`)
    | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.\-]))
    | (?P<name>[^\W\d][\w.\-]*)
    | (?P<sign>(?:==|!=|<=|>=|<|>)(?![=<>])|[()\[\],])
    | (?P<strange>["'`]|[\w.\-]+|[^\w\s"'`()\[\],]+|.)
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "/": "/", "\\": "\\", '"': '"', "'": "'"}
_MEANT: Final = {"=": "==", "===": "==", "<>": "!=", "=>": ">=", "=<": "<=", "&&": "and", "&": "and", "||": "or", "|": "or", "!": "not"}
_FLIPPED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_A_TEST = 'a condition, such as lang == "en"'
_A_VALUE = "text in quotes, a number, true or false"
_AN_OPERATOR = "==, !=, <, <=, >, >=, in, startswith or exists"

_Kind: TypeAlias = Literal["text", "quoted", "number", "name", "sign", "strange", "end"]


@dataclass(frozen=True, slots=True)
class _Token:
    kind: _Kind
    text: str
    place: int


def parse_filter(expression: str) -> Condition:
    """The condition that a text says.

    Raises:
        BadFilter: it cannot be read; the error has the place, counted in characters from 1, and what was expected there.

    >>> str(parse_filter("(lang=='en')and not year<2020"))
    'lang == "en" and not year < 2020'
    """
    return _Parser(expression).parse()


class _Parser:
    def __init__(self, expression: str) -> None:
        self.expression = expression
        self.tokens = _tokens(expression)
        self.next = 0
        self.depth = 0

    def parse(self) -> Condition:
        condition = self.either()
        if self.token.kind != "end":
            raise self.wrong("'and', 'or' or the end")
        return condition

    @property
    def token(self) -> _Token:
        return self.tokens[self.next]

    def wrong(self, expected: str, token: _Token | None = None) -> BadFilter:
        """The error of a token that cannot stand where it does."""
        found = token or self.token
        meant = _MEANT.get(found.text, found.text.lower() if found.kind == "name" else found.text)
        if meant != found.text and meant in re.findall(r"\w+|[=!<>]+", expected):
            expected = f"{meant!r}"
        elif found.text.lower() in ("null", "none"):
            expected = f"{expected} (for a field that is missing: not FIELD exists)"
        elif found.kind == "strange":
            expected = _strange(found.text, expected)
        return BadFilter(self.expression, expected, place=found.place + 1, found=found.text)

    def takes(self, *words: str) -> str | None:
        """Steps over the next token where it is a sign or keyword of these."""
        if self.token.kind in ("sign", "name") and self.token.text in words:
            self.next += 1
            return self.tokens[self.next - 1].text
        return None

    def either(self) -> Condition:
        return self.joined("or", Or, self.all)

    def all(self) -> Condition:
        return self.joined("and", And, self.one)

    def joined(self, word: str, kind: type[And | Or], part: Callable[[], Condition]) -> Condition:
        """One part, or several with the word between them; those that are of the same kind become one."""
        parts: list[Condition] = []
        while True:
            found = part()
            parts += found.parts if isinstance(found, kind) else (found,)
            if not self.takes(word):
                return kind(tuple(parts)) if len(parts) > 1 else parts[0]

    def one(self) -> Condition:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.wrong(f"at most {_DEEPEST} conditions within each other")
        try:
            if self.takes("not"):
                return Not(self.one())
            if self.takes("("):
                inner = self.either()
                if not self.takes(")"):
                    raise self.wrong("'and', 'or' or ')'")
                return inner
            return self.test()
        finally:
            self.depth -= 1

    def test(self) -> Condition:
        if self.is_value():
            return self.value_first()
        field = self.field(_A_TEST)
        if self.takes("exists"):
            return Exists(field)
        if self.takes("startswith"):
            return StartsWith(field, self.text())
        negated = self.takes("not")
        if self.takes("in"):
            found = In(field, self.values())
            return Not(found) if negated else found
        sign = None if negated else self.takes(*_FLIPPED)
        if sign is None:
            raise self.wrong("'in'" if negated else _AN_OPERATOR)
        condition = self.compared(field, sign)
        if self.token.text in _FLIPPED:
            raise self.wrong("'and', 'or' or the end; a chain has its field in the middle, such as 2019 <= year < 2022")
        return condition

    def value_first(self) -> Condition:
        """A test that begins with a value, which may be a chain."""
        start, value = self.token, self.value()
        negated = self.takes("not")
        if self.takes("in"):
            found = In(self.field("the name of a field"), (value,))
            return Not(found) if negated else found
        sign = None if negated else self.takes(*_FLIPPED)
        if sign is None:
            raise self.wrong("'in'" if negated else "==, !=, <, <=, >, >= or in")
        field = self.field("the name of a field")
        first = _comparison(field, _FLIPPED[sign], value)
        if not isinstance(first, Range):
            return first
        self.check_ordered(value, start)
        second = self.takes(*((">", ">=") if sign in (">", ">=") else ("<", "<=")))
        if second is None:
            return first
        end = self.token
        other = self.compared(field, second)
        assert isinstance(other, Range)
        bounds = first.low or other.low, first.high or other.high
        if bounds[0] and bounds[1] and isinstance(bounds[0].value, str) != isinstance(bounds[1].value, str):
            raise self.wrong("two numbers or two texts as bounds", end)
        return Range(field, *bounds)

    def compared(self, field: str, sign: str) -> Condition:
        """The comparison with the value that comes next."""
        token, value = self.token, self.value()
        condition = _comparison(field, sign, value)
        if isinstance(condition, Range):
            self.check_ordered(value, token)
        return condition

    def check_ordered(self, value: Value, token: _Token) -> None:
        if isinstance(value, bool):
            raise self.wrong("a number or a text, since true and false have no order", token)

    def field(self, expected: str) -> str:
        token = self.token
        if token.kind == "quoted":
            name = token.text[1:-1].replace("``", "`")
        elif token.kind == "name" and token.text not in KEYWORDS:
            name = token.text
        else:
            raise self.wrong(expected)
        self.next += 1
        return canonical_field(name)

    def values(self) -> tuple[Value, ...]:
        """A list in parentheses or brackets; a comma may stand behind the last value."""
        opening = self.takes("(", "[")
        if opening is None:
            raise self.wrong('values in parentheses, such as ("en", "de")')
        closing = ")" if opening == "(" else "]"
        values: list[Value] = []
        while not self.takes(closing):
            values.append(self.value())
            if not self.takes(",") and not (self.token.kind == "sign" and self.token.text == closing):
                raise self.wrong(f"',' or {closing!r}")
        return tuple(values)

    def is_value(self) -> bool:
        return self.token.kind in ("text", "number") or (self.token.kind == "name" and self.token.text in ("true", "false"))

    def value(self) -> Value:
        token = self.token
        if not self.is_value():
            raise self.wrong(_A_VALUE)
        self.next += 1
        if token.kind == "name":
            return token.text == "true"
        return self.unquoted(token) if token.kind == "text" else self.number(token)

    def text(self) -> str:
        token = self.token
        if token.kind != "text":
            raise self.wrong("text in quotes")
        self.next += 1
        return self.unquoted(token)

    def number(self, token: _Token) -> int | float:
        whole = token.text.lstrip("-").isdecimal()
        try:
            value = int(token.text) if whole else float(token.text)
        except ValueError:  # thousands of digits
            value = float("inf")
        if value in (float("inf"), float("-inf")):
            raise self.wrong("a number that is not too large", token)
        return value

    def unquoted(self, token: _Token) -> str:
        def meant(escape: re.Match[str]) -> str:
            code = escape[1]
            if code[0] == "u" and len(code) == 5:
                return chr(int(code[1:], 16))
            if code not in _ESCAPES:
                place = token.place + 1 + escape.start() + 1
                raise BadFilter(self.expression, "an escape that JSON has, such as \\n or \\\\", place=place, found=escape[0])
            return _ESCAPES[code]

        text = _ESCAPE.sub(meant, token.text[1:-1])
        if "\\u" in token.text:  # two halves of a surrogate pair are one letter
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        return text


def _tokens(expression: str) -> list[_Token]:
    found, place, end = [], 0, len(expression.rstrip())
    while place < end:
        match = _TOKEN.match(expression, place)
        assert match is not None
        kind = cast(_Kind, match.lastgroup)
        found.append(_Token(kind, match[kind], match.start(kind)))
        place = match.end()
    return [*found, _Token("end", "", end)]


def _comparison(field: str, sign: str, value: Value) -> Condition:
    if sign in ("==", "!="):
        equal = In(field, (value,))
        return equal if sign == "==" else Not(equal)
    bound = Bound(value, included=sign in ("<=", ">="))
    return Range(field, bound, None) if sign in (">", ">=") else Range(field, None, bound)


def _strange(text: str, expected: str) -> str:
    """What to expect in the place of characters that are no token."""
    if text in ('"', "'", "`"):
        return f"a second {text} where the text ends" if text != "`" else "a second ` where the name ends"
    if text[0].isdigit() or text[0] in ".-":
        return f"{expected}; text, dates among it, stands in quotes"
    return expected
