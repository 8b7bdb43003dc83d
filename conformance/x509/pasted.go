package main

import (
	"bytes"
	"encoding/pem"
	"strings"
)

// pastedForms are what programs and people put around PEM, or make of it on its way through tables, logs and templates.
func (p *parts) pastedForms() {
	leaf, other := p.usualLeaf(), certPEM(leafSpec(p.otherCA, p.otherCA).der())
	before := func(text string) func([]byte) []byte {
		return func(f []byte) []byte { return join([]byte(text), f) }
	}
	each := func(change func(line string, at, last int) string) func([]byte) []byte {
		return func(f []byte) []byte {
			lines := strings.Split(strings.TrimSuffix(string(f), "\n"), "\n")
			for at, line := range lines {
				lines[at] = change(line, at, len(lines)-1)
			}
			return []byte(strings.Join(lines, "\n") + "\n")
		}
	}
	inside := func(add string) func([]byte) []byte {
		return each(func(line string, at, last int) string {
			if at == 0 || at == last {
				return line
			}
			return line[:8] + add + line[8:]
		})
	}
	first := func(old, with string) func([]byte) []byte {
		return func(f []byte) []byte { return bytes.Replace(f, []byte(old), []byte(with), 1) }
	}
	for name, form := range ordered(map[string]func([]byte) []byte{
		"pkcs12-dump":          before("Bag Attributes\n    localKeyID: 01 02 \n    friendlyName: x\nsubject=CN = remote\n\nissuer=CN = Cilium CA\n\n"),
		"s-client-dump":        before("CONNECTED(00000003)\n---\nCertificate chain\n 0 s:CN = remote\n   i:CN = Cilium CA\n"),
		"accents-before":       before("clé privée – né à Köln\n"),
		"latin-1-before":       before("cl\xe9\n"),
		"nul-before":           before("\x00"),
		"nul-line-before":      before("\x00\n"),
		"vertical-tab-before":  before("\v"),
		"carriage-return-only": before("x\r"),
		"many-lines-before":    before(strings.Repeat("# comment\n", 2000)),
		"many-dashes-before":   before(strings.Repeat("-----\n", 50)),
		"begin-other-open":     before("-----BEGIN SOMETHING-----\nAAAA\n"),
		"begin-other-empty":    before("-----BEGIN SOMETHING-----\n-----END SOMETHING-----\n"),
		"begin-cut-off":        before("-----BEGIN CERTIFI\n"),
		"end-alone-before":     before("-----END CERTIFICATE-----\n"),
		"dhparam-before":       before("-----BEGIN DH PARAMETERS-----\nMAYCAQcCAQU=\n-----END DH PARAMETERS-----\n"),
		"crl-before":           before("-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n"),
		"yaml-marker-before":   before("---\n"),
		"label-two-blanks":     first("-----BEGIN ", "-----BEGIN  "),
		"label-none": each(func(line string, at, last int) string {
			return map[int]string{0: "-----BEGIN -----", last: "-----END -----"}[at] + keep(line, at, last)
		}),
		"label-no-blank":       first("-----BEGIN ", "-----BEGIN"),
		"label-blank-behind":   first("-----\n", " -----\n"),
		"label-tab":            first("-----BEGIN ", "-----BEGIN\t"),
		"tab-behind-begin":     first("-----\n", "-----\t\n"),
		"end-indented":         first("-----END", " -----END"),
		"end-on-last-line":     first("\n-----END", "-----END"),
		"two-carriage-returns": func(f []byte) []byte { return bytes.ReplaceAll(f, []byte("\n"), []byte("\r\r\n")) },
		"line-ends-mixed":      each(func(line string, at, _ int) string { return line + strings.Repeat("\r", at%2) }),
		"returns-inside":       inside("\r"),
		"newline-inside":       inside("\n"),
		"tab-inside":           inside("\t"),
		"nul-inside":           inside("\x00"),
		"no-break-space":       inside("\u00a0"),
		"zero-width-space":     inside("\u200b"),
		"line-separator":       inside("\u2028"),
		"soft-hyphen":          inside("\u00ad"),
		"equals-inside":        inside("="),
		"dash-inside":          inside("-"),
		"backslash-at-ends":    each(func(line string, _, _ int) string { return line + `\` }),
		"quoted-mail":          each(func(line string, _, _ int) string { return "> " + line }),
		"table-of-bars":        each(func(line string, _, _ int) string { return "| " + line + " |" }),
		"numbered-lines":       each(func(line string, at, _ int) string { return string(rune('1'+at%9)) + " " + line }),
		"header-empty-key":     first("-----\n", "-----\n: x\n\n"),
		"header-twice":         first("-----\n", "-----\nA: 1\nA: 2\n\n"),
		"header-behind-body":   first("\n-----END", "\nA: 1\n-----END"),
		"header-crlf":          first("-----\n", "-----\r\nA: 1\r\n\r\n"),
		"comment-inside":       first("-----\n", "-----\n# mine\n"),
		"blanks-at-ends":       each(func(line string, _, _ int) string { return line + "  " }),
		"crc24":                first("\n-----END", "\n=njUN\n-----END"),
		"broken-one-before":    func(f []byte) []byte { return join(first("-----\n", "-----\n!\n")(f), f) },
		"cut-one-before":       func(f []byte) []byte { return join(f[:len(f)/2], []byte("\n"), f) },
		"another-before":       func(f []byte) []byte { return join(other, f) },
		"another-behind":       func(f []byte) []byte { return join(f, other) },
	}) {
		p.entry("pasted-cert-"+name, p.ca, p.caFile, form(leaf), p.leafFile)
		p.entry("pasted-key-"+name, p.ca, p.caFile, leaf, form(p.leafFile))
		p.entry("pasted-ca-"+name, form(p.ca), p.caFile, leaf, p.leafFile)
	}
	everything := join(p.leafFile, leaf, p.ca)
	p.entry("pasted-all-in-both", p.ca, p.caFile, everything, everything)
	p.entry("pasted-ca-all-in-both", join(p.ca, p.caFile), join(p.ca, p.caFile), leaf, p.leafFile)
	p.entry("pasted-key-pkcs8-with-headers", p.ca, p.caFile, leaf,
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: p.leafKey.pkcs8, Headers: map[string]string{"Key-Attributes": "none"}}))
}

// keep is the line where it is neither the first nor the last.
func keep(line string, at, last int) string {
	if at == 0 || at == last {
		return ""
	}
	return line
}
