package main

import (
	"math/rand"
	"strings"
)

// maker writes templates by a grammar that is mostly right; the same seed gives the same texts.
type maker struct{ chance *rand.Rand }

func newMaker() maker { return maker{rand.New(rand.NewSource(13))} }

func (m maker) one(of ...string) string { return of[m.chance.Intn(len(of))] }

func (m maker) text() string {
	lead := m.one("", "", "x ", "x: ", "it's ", "a\n", "- ", "a\tb ", "\n", " ")
	trail := m.one("", "", " y", " y: z", "\n", "\nb\n", " ", "'", ": ")
	text := lead + m.list(0) + trail
	if m.chance.Intn(12) == 0 {
		at := m.chance.Intn(len(text) + 1)
		text = text[:at] + m.one("{{", "}}", "'", "\"", "(", ")", " ", "-", "`", "|", "$", ".") + text[at:]
	}
	if m.chance.Intn(20) == 0 {
		text = text[:m.chance.Intn(len(text)+1)]
	}
	// What `<` does is not for this corpus: meshgen reports it by itself.
	if text = strings.ToValidUTF8(text, ""); !strings.Contains(text, "{{") || strings.Contains(text, "<") {
		return "{{ .Cluster.Name }}" + m.one("a", "b", "\nc", "-d")
	}
	return text
}

func (m maker) list(depth int) string {
	var out strings.Builder
	for range 1 + m.chance.Intn(2) {
		out.WriteString(m.node(depth))
		out.WriteString(m.one("", "", " ", "z", "\n", "-"))
	}
	return out.String()
}

func (m maker) action(inner string) string {
	return m.one("{{ ", "{{ ", "{{ ", "{{", "{{- ") + inner + m.one(" }}", " }}", " }}", "}}", " -}}")
}

func (m maker) node(depth int) string {
	kind := m.chance.Intn(12)
	if depth > 2 {
		kind = 0
	}
	switch kind {
	case 0, 1, 2, 3, 4:
		return m.action(m.pipeline(depth))
	case 5, 6:
		end := m.action("end")
		if m.chance.Intn(2) == 0 {
			end = m.action("else") + m.list(depth+1) + end
		}
		return m.action("if "+m.pipeline(depth)) + m.list(depth+1) + end
	case 7:
		return m.action("with "+m.pipeline(depth)) + m.action(m.one(".", ".Name", "$", "$.Cluster.Name", "print .")) + m.action("end")
	case 8:
		return m.action(m.one("range", "range $k, $v :=", "range $v :=")+" "+m.one(".Cluster.Labels", ".Cluster.Annotations", ".Cluster.Labels", ".Cluster.Name")) +
			m.one(m.action("."), m.action("$v"), m.action("$k"), m.action("break"), "w") + m.action("end")
	case 9:
		return m.action("$x "+m.one(":=", ":=", ":=", "=")+" "+m.pipeline(depth)) + m.action("$x")
	case 10:
		return m.one("{{/* c */}}", "{{- /* c */ -}}", "{{/* it's */}}", "{{/* c }}", "{{ /* c */ }}")
	default:
		return m.action(m.one("else", "end", "break", "$y", "nil", "foo", "if", ".Foo", "template \"x\"", "$"))
	}
}

func (m maker) pipeline(depth int) string {
	out := m.command(depth)
	for m.chance.Intn(5) == 0 {
		out += m.one(" | ", "|") + m.one("print", "printf \"%v\"", "html", "js", "urlquery", "len", "not", "eq \"a\"", "index .Cluster.Labels", "foo")
	}
	return out
}

func (m maker) command(depth int) string {
	if depth > 2 {
		return m.operand(3)
	}
	switch m.chance.Intn(9) {
	case 0:
		return m.one("eq", "ne", "lt", "le", "gt", "ge") + " " + m.operand(depth) + " " + m.operand(depth)
	case 1:
		return m.one("and", "or") + " " + m.operand(depth) + " " + m.operand(depth)
	case 2:
		return m.one("not", "len", "print", "println", "html", "js", "urlquery") + " " + m.operand(depth)
	case 3:
		return m.one("printf", "printf \"%s\"", "printf \"%v: %v\"", "print", "index .Cluster.Labels", "index") + " " + m.operand(depth) + " " + m.operand(depth)
	default:
		return m.operand(depth)
	}
}

func (m maker) operand(depth int) string {
	if depth < 2 && m.chance.Intn(6) == 0 {
		return "(" + m.pipeline(depth+1) + ")"
	}
	return m.one(".Cluster.Name", ".Cluster.Name", ".Cluster.HumanReadableName", ".Cluster.Version", ".Cluster.Address.Port", ".Cluster.Address.IP", ".Cluster.Labels", ".Cluster.Labels.env", ".Cluster.Annotations.team",
		".Cluster", ".Cluster.Foo", ".", "$", "\"prod\"", "\"a\"", "\"\"", "\": \"", "\"it's\"", "`raw`", "'c'", "1", "0", "1.5", "true", "false", "nil", "$x", "\"{{\"", "$.Cluster.OwnerEmail")
}
