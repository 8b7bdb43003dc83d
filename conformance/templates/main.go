// Values with templates, and what becomes of each on its way to Helm: written by yaml.v3, run by html/template, read by yaml.v3,
// which are the three steps that KKP takes from 2.27 on.
//
//	go run . make FOLDER     writes values.json and verdicts.jsonl
//	go run . judge FOLDER    prints the verdicts on the values that are there
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"gopkg.in/yaml.v3"
)

// Value is one case: a text that stands as a value or as a key.
type Value struct {
	Text  string `json:"text"`
	IsKey bool   `json:"isKey,omitempty"`
}

// Verdict is what became of it, by cluster: `ok`, or the step at which it failed. `alters` says that its neighbours changed.
type Verdict struct {
	Text   string            `json:"text"`
	IsKey  bool              `json:"isKey,omitempty"`
	Before map[string]string `json:"2.27"` // without annotations and labels
	Now    map[string]string `json:"2.29"`
}

type address struct {
	URL                      string
	Port                     int32
	ExternalName             string
	InternalName             string
	AdminToken               string
	IP                       string
	APIServerExternalAddress string
}

type clusterBefore struct {
	Name, HumanReadableName, OwnerEmail           string
	Address                                       address
	Version, MajorMinorVersion, AutoscalerVersion string
}

type cluster struct {
	Name, HumanReadableName, OwnerEmail           string
	Address                                       address
	Version, MajorMinorVersion, AutoscalerVersion string
	Annotations, Labels                           map[string]string
}

// The clusters: an ordinary one, one of which little is known yet, and one whose owner types what he likes.
func clusters() map[string]cluster {
	full := address{
		URL: "https://abc.example.com:6443", Port: 6443, ExternalName: "abc.example.com", InternalName: "apiserver.cluster-abc.svc.cluster.local.",
		AdminToken: "aaaaaa.bbbbbbbbbbbbbbbb", IP: "203.0.113.9", APIServerExternalAddress: "203.0.113.9",
	}
	return map[string]cluster{
		"plain": {
			Name: "h7xk2m9pqr", HumanReadableName: "prod", OwnerEmail: "ops@example.com", Address: full, Version: "1.32.4", MajorMinorVersion: "1.32",
			AutoscalerVersion: "v1.32.1", Annotations: map[string]string{"team": "net"}, Labels: map[string]string{"env": "prod"},
		},
		"empty": {Name: "h7xk2m9pqr", Version: "1.32.4", MajorMinorVersion: "1.32", AutoscalerVersion: "v1.32.1"},
		"odd": {
			Name: "h7xk2m9pqr", HumanReadableName: `it's: "a" #b`, OwnerEmail: `"o'x: y #z"@example.com`, Address: full, Version: "1.32.4", MajorMinorVersion: "1.32",
			AutoscalerVersion: "v1.32.1", Annotations: map[string]string{"team": "a: b\n- c: \"d\" #e\nf", "note": "x: y", "a/b.c": "a: b\n- c"}, Labels: map[string]string{"env": "x_1.y-2", "zone": ""},
		},
	}
}

type before struct{ Cluster clusterBefore }

type now struct{ Cluster cluster }

func (c cluster) before() clusterBefore {
	return clusterBefore{c.Name, c.HumanReadableName, c.OwnerEmail, c.Address, c.Version, c.MajorMinorVersion, c.AutoscalerVersion}
}

func judge(values []Value) []byte {
	var lines bytes.Buffer
	for _, value := range values {
		verdict := Verdict{Text: value.Text, IsKey: value.IsKey, Before: map[string]string{}, Now: map[string]string{}}
		for name, data := range clusters() {
			verdict.Before[name] = became(value, &before{data.before()})
			verdict.Now[name] = became(value, &now{data})
		}
		lines.Write(must(json.Marshal(verdict)))
		lines.WriteByte('\n')
	}
	return lines.Bytes()
}

func became(value Value, data any) string {
	around := map[string]any{"before": "x", "next": "w"}
	if value.IsKey {
		around[value.Text] = "z"
	} else {
		around["kept"] = value.Text
	}
	written, err := yaml.Marshal(map[string]any{"a": around, "b": "last"})
	if err != nil {
		return "write"
	}
	parsed, err := template.New("values").Parse(string(written))
	if err != nil {
		return "parse"
	}
	var out bytes.Buffer
	if err := parsed.Execute(&out, data); err != nil {
		return "execute"
	}
	read := map[string]any{}
	if err := yaml.Unmarshal(out.Bytes(), read); err != nil {
		return "read"
	}
	inner, _ := read["a"].(map[string]any)
	if len(read) != 2 || read["b"] != "last" || len(inner) != 3 || inner["before"] != "x" || inner["next"] != "w" {
		return "alters"
	}
	if _, isThere := inner["kept"]; value.IsKey == isThere {
		return "alters"
	}
	return "ok"
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "go run . make FOLDER | judge FOLDER")
		os.Exit(2)
	}
	corpus := filepath.Join(os.Args[2], "values.json")
	switch os.Args[1] {
	case "make":
		values := makeValues()
		var out bytes.Buffer
		encoder := json.NewEncoder(&out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", " ")
		check(encoder.Encode(values))
		check(os.WriteFile(corpus, out.Bytes(), 0o644))
		check(os.WriteFile(filepath.Join(os.Args[2], "verdicts.jsonl"), judge(values), 0o644))
	case "judge":
		var values []Value
		check(json.Unmarshal(must(os.ReadFile(corpus)), &values))
		must(os.Stdout.Write(judge(values)))
	}
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// makeValues joins what people write with what a small grammar makes; each text once.
func makeValues() []Value {
	var values []Value
	add := func(value Value) {
		for _, known := range values {
			if reflect.DeepEqual(known, value) {
				return
			}
		}
		values = append(values, value)
	}
	for _, text := range shapes {
		add(Value{Text: text})
		if !strings.Contains(text, "\n") {
			add(Value{Text: text, IsKey: true})
		}
	}
	made := newMaker()
	for range 700 {
		add(Value{Text: made.text()})
	}
	return values
}
