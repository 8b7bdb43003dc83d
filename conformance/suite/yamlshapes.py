"""Whole texts for the YAML judge, as values come out of other programs and out of people's hands: each is read as it stands, and changed."""

SHAPES = [
    # helm get values, with its heading and a null
    "USER-SUPPLIED VALUES:\ncluster:\n  id: 7\n  name: prod\nhubble: null\n",
    "COMPUTED VALUES:\nMTU: 0\nannotateK8sNode: false\nbpf:\n  ctAnyMax: null\n  mapDynamicSizeRatio: 0.0025\n  monitorFlags: all\n  root: /sys/fs/bpf\n",
    # templates of other programs, unquoted
    "name: {{ .Cluster.Name }}\nid: 1\n",
    "{{- if .Values.mesh }}\ncluster:\n  name: a\n{{- end }}\n",
    "image: {{ registry }}/cilium\nhost: ${API_HOST}\nport: ${API_PORT:-6443}\nother: $(VAR)\n",
    "cluster:\n  name: '{{ .Cluster.Name }}'\n  id: \"{{ index .Cluster.Annotations \\\"mesh/id\\\" }}\"\n",
    # characters at the beginning of a plain value
    "a: *.mesh.cilium.io\n", "a: @latest\n", "a: `date`\n", "a: %s\n", "a: &x\nb: *x\n", "a: R&D\nb: a*b\nc: 50%\nd: me@x\n", "a: !important\n", "a: |x\n", "a: >=1.2\n", "a: <none>\n", "a: [none\n",
    "a: -\nb: - c\n", "a: ?x\nb: ? c\n", "a: :x\nb: x:\nc: x:y\nd: x: y\n", "a: ,x\nb: }x\n",
    # addresses, times, versions, modes
    "podCIDR: 10.0.0.0/8\nv6: fd00::/8\nzone: fe80::1%eth0\nmac: 01:23:45:67:89:ab\nports: [22:80, 1:2:3, '30000:32767']\n",
    "ttl: 1h30m\nat: 2026-11-23\nthen: 2026-11-23 10:00:00\nmode: 0400\nnew: 0o400\nver: [1.18, 1.18.10, 1.20, '1.20', v1.20]\nexp: 1e10\nsha: 1234567e8\nid: 0123456789\n",
    # paths of Windows, patterns, URLs
    "a: C:\\Users\\x\nb: \"C:\\\\x\"\nc: '^a.*$'\nd: ^a.*$\ne: https://x.example.com:443/a?b=c&d#e\nf: https://x # y\ng: a#b #c\n",
    "a: \"C:\\Users\\x\"\n",
    # lists in all shapes
    "a:\n- b\n- c\nd:\n  - e\n  -   f: g\n      h: i\n  -\n    j: k\n  - - l\n    - m\n  - - - n\n",
    "a:\n  - b\n - c\n", "a:\n - b\n  - c\n", "- a\n-b\n- c\n", "a: - b\n", "a:\n  -b\n  -c\n", "a: [b, c,\n  d,\n  e]\nf: {g: h,\n   i: j\n}\n", "a: [b\n, c\n]\n", "a: [\n  b, # c\n  d\n  ]\n", "a: [ # c\n]\n", "a: {\nb: c\n}\n", "a: {b, c}\n", "a: {b: , c: }\n", "a: {b:c, 'd':e, \"f\":g}\n",
    "[a, b]: c\n? [d, e]\n: f\n", "{a: b}: c\n", "a: [b: c, d: e]\n", "a: [b, : c]\n", "a: [? b : c]\n",
    # JSON, whole and pretty, with tabs
    '{"a": {"b": [1, 2.0, -3e2, null, true, "x\\u00e9\\n"]}, "c": ""}\n', '{\n\t"a": {\n\t\t"b": [\n\t\t\t1\n\t\t]\n\t}\n}\n', '{"a":1}{"b":2}\n', '{"a":1,}\n', '{"a":"b",\n"a":"c"}\n', '{"a": "\\/", "b": "\\ud83d\\ude00"}\n', "[]\n", "{}\n", '"a"\n', "~\n", "# only\n", "---\n", "---\n...\n---\n", "",
    # blocks of text
    "a: |\n\n  b\n\n   c\n  d\n\n\ne: f\n", "a: |\n   b\n  c\n", "a: |\n b\nc: |+\n\n\nd: |-\n\n\ne: >\n f\n\n g\n  h\n i\n", "a: |1\n  b\n c\nd: |3\n   e\n", "a: |\n\tb\n", "a: |\n  \tb\n  c\t\n", "a: >-\n\n\n  b\n  c\n\n\n  d\n", "- |\n a\n- >\n b\n-\n  |\n  c\n", "a:\n  |\n  b\n", "a: | # c\n  b\n", "a: |# c\n  b\n", "a: |\n  # not a comment\n # one\nb: c\n",
    "cert: |\n  -----BEGIN CERTIFICATE-----\n  AAAA\n  -----END CERTIFICATE-----\nkey: |-\n  -----BEGIN EC PRIVATE KEY-----\n  BBBB==\n  -----END EC PRIVATE KEY-----\n", "cert: -----BEGIN CERTIFICATE-----\n  AAAA\n  -----END CERTIFICATE-----\n", "cert: \"-----BEGIN CERTIFICATE-----\n  AAAA\n\n  -----END CERTIFICATE-----\n  \"\n", "cert:\n-----BEGIN CERTIFICATE-----\nAAAA\n",
    "a: b\n  c\n   d\n\n  e\nf: g\n", "a: b\n  c: d\n", "a: 'b\n  c\n\n  d'\n", "a: \"b\\\n  c \\\n  d\\n\\\n  e\"\n", "a: 'b\nc'\n", "a: \"b\n---\nc\"\n", "a: 'b\n...\nc'\n",
    # quotes
    "a: 'b''c'\nd: \"e'f\"\ng: 'h\"i'\n", "a: 'b' c\n", "a: \"b\"c\n", "a: b'c'd\n", "'a': b\n\"c\": d\n'e' : f\n\"g\\th\": i\n", "a: ''\nb: \"\"\nc:\n", "a: 'b\n", "a: \"b\n", "a: \u201cb\u201d\nc: \u2018d\u2019\n",
    # anchors and merges
    "a: &a {b: 1, c: 2}\nd: {<<: *a, c: 3}\ne:\n  c: 4\n  <<: *a\n", "a: &a {b: 1}\nc: &c {b: 2}\nd: {<<: [*c, *a]}\ne: {<<: *a, <<: *c}\n", "a: &a [1, 2]\nb: {<<: *a}\n", "a: &a b\n*a: c\n", "a: &a\n  b: *a\n", "a: *b\n", "a: &a 1\nb: &a 2\nc: *a\n", "a: {<<: ~}\n", "a: {<<: {b: c}, '<<': d}\n", "<<: {a: b}\na: c\n", "a: &a-b_c.d 1\nb: [*a-b_c.d, 2]\n", "- &x {a: 1}\n- <<: *x\n  a: 2\n",
    # keys of all kinds, once and twice
    "1: a\n1.0: b\n'1': c\n", "yes: a\ntrue: b\n", "~: a\nnull: b\n", "a: 1\nA: 2\n'a': 3\n", "a:\n  b: 1\n  c: 2\n  b: 3\n", "{a: 1, a: 2}\n", "0x1: a\n1: b\n", "a b: c\na-b: d\na.b/c: e\n", ": a\n", "? a\n? b\n: c\n", "?\n: a\n", "a : b\nc  :  d\n", "a:b: c\n", "a:\tb\nc :\td\n", f"{'k' * 1100}: a\n", f"? {'k' * 1100}\n: a\n", f"[{'k' * 1100}]: a\n",
    # tags
    "a: !!str 1\nb: !!int '2'\nc: !!float 3\nd: !!bool 'yes'\ne: !!null ''\nf: !!binary aGk=\nh: !!binary 1e3=\ng: !!timestamp 2026-01-01\n", "a: !!int x\n", "a: !!map [b]\n", "a: !!seq {b: c}\n", "a: !!set {b, c}\nd: !!omap [e: f]\n", "%TAG !e! tag:example.org,2000:\n---\na: !e!b c\n", "%YAML 1.1\na: b\n", "%YAML 1.3\n---\na: b\n", "%FOO bar\n---\na: b\n", "!!map {a: b}\n", "! a\n", "a: ! b\n",
    # documents
    "a: 1\n---\nb: 2\n", "--- a\n", "--- {a: b}\n", "--- |\n  a\n", "---\na: 1\n...\n", "...\na: 1\n", "a: 1\n... # c\n", "a: 1\n--- # c\n", "---a: 1\n", "a: 1\n ---\n", "- a\n---\n- b\n...\n# c\n", "---\n---\na: 1\n", "# c\n%YAML 1.1\n# d\n---\n# e\na: 1\n",
    # comments and blanks everywhere
    "a:  # c\n  b: 1   # d\n  # e\n# f\n   # g\n  h: 2\n", "a: 1 #c\nb: 2# d\nc: '3'# e\n", "a: '3' # e\n#\n #\nb: 4", "a: 1   \nb:   \n  c: 2   \n   \n", "a:\n\n\n  b: 1\n\n\n  c: 2\n", "  a: 1\n  b: 2\n", "  a: 1\nb: 2\n", "a: 1\n  b: 2\n", "\ta: 1\n", "a:\n\tb: 1\n", "a: 1\t\nb:\t2\n", "a: [1,\t2]\n", "a:\n  b: 1\n\t\n  c: 2\n", "a:\n  b: 1\n  \t# c\n",
    # line ends and marks
    "a: 1\r\nb:\r\n- 2\r\n- 3\r\n", "a: 1\rb: 2\r", "a: |\r\n  b\r\n  c\r\n", "a: 'b\r\n  c'\r\n", "\ufeffa: 1\n", "a: 1\n\ufeffb: 2\n", "\ufeff---\na: 1\n", "a: b\u2028c: d\n", "a: b\u0085c: d\n", "a: b\u00a0c\n", "a:\u00a0b\n", "a: \x07\n", "a: \"\x07\"\n", "a: \x7f\n", "a: \ud7ff\ue000\ufffd\U0001f600\n", "a: \ufffe\n",
    # depth
    "[" * 90 + "]" * 90 + "\n", "".join(f"{' ' * at}a:\n" for at in range(90)), "- " * 90 + "a\n", "{a: " * 90 + "1" + "}" * 90 + "\n", "? " * 40 + "a\n",
]
