"""YAML as the two readers of a values block read it.

KKP reads the block with Go's YAML 1.1 rules (sigs.k8s.io/yaml: YAML to JSON to map[string]any); most people and editors read
YAML 1.2. `load_go` and `load_core` are those readings; a text is unambiguous when both give the same tree. Both read the first
document only and let the last of two duplicate keys win, as KKP does; `documents` and `duplicate_keys` tell about the rest.
"""

import decimal
import re

import yaml


class _Reader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """A loader without any implicit type but those that `_resolve` knows."""

    yaml_implicit_resolvers = {}
    duplicates: list[str]

    def construct_scalar_value(self, node):
        plain = not node.style and node.tag == "tag:yaml.org,2002:str"
        return self.resolve_plain(node.value) if plain else self.construct_tagged(node)

    def construct_tagged(self, node):
        kind = node.tag.rsplit(":", 1)[-1]
        if kind in ("int", "float", "bool", "null"):
            return self.resolve_plain(node.value)
        return node.value

    def tree(self, node):
        if isinstance(node, yaml.ScalarNode):
            return self.construct_scalar_value(node)
        if isinstance(node, yaml.SequenceNode):
            return [self.tree(child) for child in node.value]
        out = {}
        merged = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise yaml.YAMLError(f"invalid map key at line {key_node.start_mark.line + 1}")
            if not key_node.style and key_node.value == "<<":
                values = value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node]
                for one in reversed(values):
                    merged.update(self.tree(one))
                continue
            key = json_key(self.construct_scalar_value(key_node))
            if key in out:
                self.duplicates.append(key)
            out[key] = self.tree(value_node)
        return {**merged, **out}


def json_key(value):
    """The string that a scalar key becomes on its way to JSON."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else format_float(value, json=True)


GO_BOOLS = {
    **dict.fromkeys("y Y yes Yes YES true True TRUE on On ON".split(), True),
    **dict.fromkeys("n N no No NO false False FALSE off Off OFF".split(), False),
}
GO_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
GO_INT = re.compile(r"[-+]?(0|[1-9][0-9]*|0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+)")
NULLS = {"", "~", "null", "Null", "NULL"}
INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


class _Go(_Reader):
    def resolve_plain(self, text):
        if text in NULLS:
            return None
        if text in GO_BOOLS:
            return GO_BOOLS[text]
        if INFINITE.fullmatch(text):
            raise yaml.YAMLError(f"{text}: unsupported value in JSON")
        bare = text.replace("_", "")
        if text[:1] in "0123456789+-" and GO_INT.fullmatch(bare):
            sign = -1 if bare.startswith("-") else 1
            digits = bare.lstrip("+-")
            if re.fullmatch("0[0-7]+", digits):
                return sign * int(digits, 8)
            number = sign * int(digits, 0)
            return number if -(2**63) <= number < 2**64 else float(number)
        if text[:1] and text[:1] in "0123456789+-." and GO_FLOAT.fullmatch(bare):
            return float(bare)
        return text


class _Core(_Reader):
    """The YAML 1.2 core schema."""

    def resolve_plain(self, text):
        if text in NULLS:
            return None
        if text in ("true", "True", "TRUE"):
            return True
        if text in ("false", "False", "FALSE"):
            return False
        if re.fullmatch("[-+]?[0-9]+", text):
            return int(text)
        if re.fullmatch("0o[0-7]+|0x[0-9a-fA-F]+", text):
            return int(text, 0)
        if GO_FLOAT.fullmatch(text):
            return float(text)
        return text


def _load(reader, text):
    loader = reader(text.removeprefix("\ufeff"))
    loader.duplicates = []
    try:
        node = loader.get_node() if loader.check_node() else None
        return (None if node is None else loader.tree(node)), loader.duplicates
    finally:
        loader.dispose()


def load_yaml(text):
    """Any other YAML: dumps, meshes, manifests."""
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def load_go(text):
    return _load(_Go, text)[0]


def load_core(text):
    return _load(_Core, text)[0]


def duplicate_keys(text):
    return _load(_Go, text)[1]


def documents(text):
    return sum(1 for _ in yaml.compose_all(text, Loader=_Core))


def same(a, b):
    """Equality of two JSON trees as Go sees it: numbers are float64, a number is never a boolean."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return float(a) == float(b)
    return type(a) is type(b) and a == b


def format_float(number, json=False):
    """A number as Go prints a float64: %v (exponent from 1e6 on), or as encoding/json does (from 1e21 on)."""
    sign, digits, exponent = decimal.Decimal(repr(float(number))).normalize().as_tuple()
    text = "".join(map(str, digits))
    scale = len(text) + exponent - 1
    if number == 0:
        return "0"
    low, high = (-6, 21) if json else (-4, 6)
    if scale < low or scale >= high:
        mantissa = text[0] + ("." + text[1:] if len(text) > 1 else "")
        out = f"{mantissa}e{'-' if scale < 0 else '+'}{abs(scale):02d}"
    else:
        out = format(decimal.Decimal((0, digits, exponent)), "f")
    return "-" + out if sign else out


def sprint(value):
    """A JSON tree as Go's fmt.Sprint prints it."""
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return format_float(value)
    if isinstance(value, dict):
        return "map[" + " ".join(f"{k}:{sprint(value[k])}" for k in sorted(value)) + "]"
    if isinstance(value, list):
        return "[" + " ".join(map(sprint, value)) + "]"
    return value
