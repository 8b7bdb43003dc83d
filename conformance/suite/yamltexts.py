"""Texts for the YAML judge: what people write into values, with every kind of token put where it may hurt.

The same seed gives the same texts on every machine: only `random.Random` decides.
"""

import random
import re

from suite import cases
from suite.yamlshapes import SHAPES

HELM = """\
# Values of the chart
cluster:
  name: cluster-1   # as in the mesh
  id: 1
clustermesh:
  useAPIServer: true
  config:
    enabled: yes
    domain: mesh.cilium.io
    clusters:
    - name: cluster-2
      ips: [203.0.113.20, "203.0.113.21"]
      port: 2379
      tls: {cert: "LS0t", key: 'LS0t', caCert: LS0t}
  apiserver:
    service:
      type: LoadBalancer
      annotations:
        service.beta.kubernetes.io/aws-load-balancer-type: "nlb"
        a/b: 'it''s'
    tls:
      auto: {enabled: true, method: cronJob, certValidityDuration: 1095}
"""
FLOW = """\
ipam: {mode: cluster-pool, operator: {clusterPoolIPv4PodCIDRList: [10.0.0.0/8, 172.16.0.0/12], clusterPoolIPv4MaskSize: 24}}
ipv6: {enabled: no}
extraConfig: {
  "exclude-local-address": "169.254.20.10/32",
  empty: , list: [ , ],
  nested: [a, [b, {c: d}], {e: [f]}]
}
"""
BLOCKS = """\
extraArgs:
  - --v=2
  - "--text=a:b"
script: |
  #!/bin/sh
  set -e

  echo "a: b"   # no comment
folded: >-
  one line
  and another

    indented
  end
keep: |+
  kept

indented: |2
   one more
tls:
  ca:
    cert: |-
      -----BEGIN CERTIFICATE-----
      MIIBszCCAVmgAwIBAgIUAn
      -----END CERTIFICATE-----
last: value
"""
ANCHORS = """\
defaults: &defaults
  image: &image {repository: quay.io/cilium/cilium, tag: v1.19.4, useDigest: false}
  resources: {limits: {cpu: 100m, memory: 128Mi}}
operator:
  <<: *defaults
  replicas: 1
relay:
  <<: [*defaults, {replicas: 2}]
  image: *image
certgen: {image: *image}
name: &name "x y"
*name : z
"""
RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: cilium, namespace: kube-system}
spec:
  interval: 1h
  chart:
    spec:
      chart: cilium
      version: "1.19.x"
      sourceRef: {kind: HelmRepository, name: cilium}
  values:
    kubeProxyReplacement: "true"
    k8sServicePort: 6443
    hubble:
      tls: {auto: {method: cronJob}}
      metrics:
        enabled: [dns, drop, "tcp:x=y"]
"""
ARGO = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: cilium
  annotations: {argocd.argoproj.io/sync-wave: "-1"}
spec:
  source:
    repoURL: https://helm.cilium.io
    targetRevision: 1.19.4
    helm:
      releaseName: cilium
      valuesObject:
        cluster: {name: a, id: 01}
        ipam:
          operator:
            clusterPoolIPv4PodCIDRList:
            - 172.25.0.0/16
      values: |
        cluster:
          name: b
"""
COMPLEX = """\
%YAML 1.1
---
? a
: b
? "c d"
: - e
  - ? f
    : g
'h': !!str 1
i: !!int "2"
j: ! k
l: [!!float 1, !local m]
"n\\to": "p\\u00e9\\x41\\
  q"
'r
  s': 't

  u'
v: w
  x
y: z
...
"""
UMBRELLA = """\
global: {}
cilium:
  enabled: true
  nodePort: {range: "30000,32767"}
  tolerations: [{operator: Exists}]
  affinity: null
  extraHostPathMounts: []
other-chart:
  on: off
  version: 1.10
  mode: 0644
  at: 2026-01-01T00:00:00Z
  ratio: .5
  big: 12345678901234567890
  hex: 0x1F
  port: "8080"
  time: 12:30:45
  empty:
  tilde: ~
"""

PLAIN = """\
y n yes No ON off true False TRUE ~ null Null NULL 0 -0 +1 007 08 0644 0o17 0x1F 0X1f 0b101 0b2 1_000 _1 1_ 1e3 1E-7 1. .5 -.5 +.5 1.5_0 1e400 1e-400
.inf -.Inf .NAN 12:34 190:20:30 1:60 2026-01-01 2026-1-1 2026-01-01T00:00:00Z 2026-13-01 1.18.10 v1 = << ! !! !!str !!int !!null !!bool !!float !!binary !!timestamp !!seq !!map
!!set !!omap !foo !<tag:yaml.org,2002:str> !<x & &a &b *a *b * - -- --- ... .. . ? : , [ ] { } [] {} [a {a [a] {a} {a:} {a:b} [a:b] [a,b,] [,] {,} [?a] {?a:b} ?a :a -a a: a:b a:: a# #a # | > |- >+ |1 >9 |0 |+2- |2 |x >- |+ " ' "" ''
"a" 'a' "a 'a "a" 'a'' "\\" "\\/" "\\n" "\\t" "\\x41" "\\x4" "\\u00e9" "\\ud83d" "\\ud83d\\ude00" "\\U0001f600" "\\U00110000" "\\e" "\\a" "\\N" "\\L" "\\P" "\\_" "\\ " "\\0" "\\q" '\\n' "a\\
% %a %YAML @ @a ` `a a` a@ a% a& a* a! a| a> a' a" é ✓ 😀 \u0000 \u0007 \u001b \u007f \u0085 \u00a0 \u2028 \u2029 \ufeff \ufffe \ufffd 18446744073709551615 18446744073709551616 9223372036854775808 -9223372036854775809
0xFFFFFFFFFFFFFFFFF 0o8 08.5 1__0 -0x1F +0b1 1e1_0 .e3 0x1p4 inf NaN 1,000 !a!b !a!b! !!a!b &a-b &a.b &a: *a: &a,b *a, &é *é""".split()
INSERTS = ["\t", " ", "  ", "\n", "\r\n", "\r", "\n\n", " \n", "\t\n", "\n\t", ": ", " : ", "- ", "? ", " #", " # c\n", "#", ", ", "\n---\n", "\n--- ", "\n...\n", "\n--- a\n", "\n--- |\n a\n", "\n%YAML 1.1\n---\n",
           "\n%YAML 1.2\n---\n", "\n%TAG ! x\n---\n", "\n# c\n", "\n  # c\n", "\n- ", "\n  - ", "\n<<: *a\n", " &a ", " *a ", " !!str ", " |\n", " >\n", " |-\n  ", " |2\n", "'", '"', "\\", "\\n", "{", "}", "[", "]", "\ufeff", "\u00a0",
           "\u0085", "\u2028", "\\\n", "\\\t", " \t", "\t ", ":\t", "-\t", "?\t", "|\t\n", "# \t\n", "a: b\n", "\na: b\n", "\n? a\n: b\n", "\n? [a]\n: b\n", "? |\n  a\n: b\n", "<<: {a: b}\n", "<<: [{a: b}, {c: d}]\n", "<<: x\n", "'''", '"""', "''", "\\'"]
KEYS = ["a", "b", "'c'", '"d"', "1", "yes", "~", "null", "1.5", "<<", "? e", "!!str f", "&a g", "*a ", "0x10", "[h]", "{i: j}", "", "k l", "m:n", "-o", "01", ".5", "2026-01-01", "\u00e9", "'p q'", '"r\\ts"', "1e3", "18446744073709551615", "|", "true", "!!int 5"]


def texts(count, seed=13):
    """`count` texts, the same for the same seed: whole shapes first."""
    chance = random.Random(seed)
    real = bases()
    yield from SHAPES[:count]
    for _ in range(count - len(SHAPES)):
        kind = chance.random()
        if kind < 0.55:
            text = changed(chance, part(chance, chance.choice(real)), chance.choice((0, 1, 1, 1, 2, 3)))
        elif kind < 0.75:
            text = changed(chance, grown(chance), chance.choice((0, 0, 1, 2)))
        elif kind < 0.9:
            text = soup(chance)
        else:
            text = scalars(chance)
        yield finished(chance, text)


def bases():
    objects = sorted((cases.HERE / "data" / "objects").glob("2.31*.yaml"))
    return [HELM, FLOW, BLOCKS, ANCHORS, RELEASE, ARGO, COMPLEX, UMBRELLA] * 3 + SHAPES + [path.read_text() for path in objects]


def part(chance, text):
    """Some lines of it that follow each other, at most thirty; small texts show a difference better."""
    lines = text.splitlines(keepends=True)
    if not lines or len(lines) <= 12 and chance.random() < 0.5:
        return text
    length = chance.randint(1, min(30, len(lines)))
    start = chance.randint(0, len(lines) - length)
    chosen = lines[start:start + length]
    indent = len(chosen[0]) - len(chosen[0].lstrip(" "))
    return "".join(line[indent:] if line[:indent].isspace() else line for line in chosen)


def changed(chance, text, times):
    for _ in range(times):
        text = chance.choice((put, put, replace, replace, value, line, indentation, cut, key))(chance, text)
    return text


def put(chance, text):
    at = chance.choice(places(text))
    return text[:at] + chance.choice(INSERTS if chance.random() < 0.6 else PLAIN) + text[at:]


def places(text):
    """Where tokens meet, and everywhere else too, but less often."""
    edges = [found.start() for found in re.finditer(r"[\s:,\[\]{}\"'|>#-]", text)]
    return edges + list(range(0, len(text) + 1, 3)) + [len(text)] * 3


def replace(chance, text):
    if not text:
        return text
    at = chance.randrange(len(text))
    return text[:at] + chance.choice(INSERTS if chance.random() < 0.5 else PLAIN) + text[at + chance.choice((1, 1, 2, 5)):]


def value(chance, text):
    """Another value behind one of the colons or dashes."""
    spots = list(re.finditer(r"(?<=[:-] )[^\n]*", text))
    if not spots:
        return put(chance, text)
    spot = chance.choice(spots)
    return text[:spot.start()] + scalar(chance) + text[spot.end():]


def key(chance, text):
    spots = list(re.finditer(r"[^\s:{,]+(?=:)", text))
    if not spots:
        return put(chance, text)
    spot = chance.choice(spots)
    return text[:spot.start()] + chance.choice(KEYS) + text[spot.end():]


def line(chance, text):
    lines = text.splitlines(keepends=True) or [""]
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    what = chance.random()
    if what < 0.4:
        lines.insert(other, lines[at])
    elif what < 0.7:
        del lines[at]
    else:
        lines[at], lines[other] = lines[other], lines[at]
    return "".join(lines)


def indentation(chance, text):
    lines = text.splitlines(keepends=True) or [""]
    at = chance.randrange(len(lines))
    stripped = lines[at].lstrip(" ")
    lines[at] = chance.choice(("", " ", "  ", "   ", "    ", "\t", " \t", "  \t", "\t ", "      ")) + stripped
    return "".join(lines)


def cut(chance, text):
    return text[:chance.randint(0, len(text))]


def scalar(chance):
    """One value in one line, or a block."""
    word = chance.choice(PLAIN)
    return chance.choice((
        word, word, word, word, f'"{word}"', f"'{word}'", f"{word} {chance.choice(PLAIN)}", f"[{word}]", f"{{a: {word}}}", f"[{word}, {chance.choice(PLAIN)}]", f"{{{word}: a}}",
        f"!!str {word}", f"&a {word}", f"{word} # c", f"{word}#c", f"|\n    {word}", f">\n    {word}\n    {word}", f"|-\n    {word}\n\n", f"{word}\n    {word}", f'"{word}\n    {word}"', f"'{word}\n\n  {word}'",
        f"\t{word}", f"{word}\t", f"{word} \t# c", f"!!int {word}", f"!!float {word}", f"!!bool {word}", f"!!null {word}", f"!!binary {word}", f"!x {word}",
    ))


def scalars(chance):
    """A mapping or a list of odd values."""
    lead = chance.choice(("k{}: ", "k{}: ", "- ", "k{}:\n  - ", "? k{}\n: "))
    return "".join(f"{lead.format(at)}{scalar(chance)}\n" for at in range(chance.randint(1, 3)))


def grown(chance, depth=0, indent=0):
    """YAML that is right, if its values are."""
    pad = " " * indent
    if depth > 3 or chance.random() < 0.3:
        return f"{pad}{chance.choice(PLAIN)}\n" if chance.random() < 0.3 else f"{pad}plain {chance.choice(('text', '1', 'x # c'))}\n"
    out = []
    is_list = chance.random() < 0.3
    for _ in range(chance.randint(1, 4)):
        lead = "-" if is_list else f"{chance.choice(KEYS if chance.random() < 0.4 else 'abcdef')}:"
        if chance.random() < 0.5:
            out.append(f"{pad}{lead} {scalar(chance) if chance.random() < 0.3 else 'v'}\n")
        elif is_list and chance.random() < 0.5:
            out.append(f"{pad}- {grown(chance, depth + 1, indent + 2).lstrip(' ')}")
        else:
            out.append(f"{pad}{lead}{chance.choice(('', '', '', ' &a', ' !!map', ' # c'))}\n{grown(chance, depth + 1, indent + chance.choice((1, 2, 2, 4)))}")
    return "".join(out)


def soup(chance):
    """Tokens one after another."""
    return "".join(chance.choice(chance.choice((INSERTS, PLAIN, KEYS, [" "], ["\n"]))) for _ in range(chance.randint(1, 9)))


def finished(chance, text):
    """Line ends and marks of whole files. A half of a surrogate pair or an unpaired one is no text at all."""
    what = chance.random()
    if what < 0.06:
        text = text.replace("\r\n", "\n").replace("\n", "\r\n")
    elif what < 0.08:
        text = "\ufeff" + text
    elif what < 0.1:
        text = text.rstrip("\n")
    elif what < 0.11:
        text = "---\n" + text
    return text
