// What sigs.k8s.io/yaml makes of texts, as KKP reads a valuesBlock.
//
//	go run . TEXTS    reads a JSON string a line; prints for each the value as JSON, or `!` and why it is refused
//
// The library reads the first document and never looks at what stands behind it. `~` before a value says that what stands there
// could not be read, `^` that a key stands twice in one mapping, of which the last counts,
// `+` that two byte order marks stand at the beginning, `=` that keys of one mapping differ, but not as the text that JSON makes
// of them, so that chance decides which of the values stays.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
	goyaml "sigs.k8s.io/yaml/goyaml.v2"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "go run . TEXTS")
		os.Exit(2)
	}
	file, err := os.Open(os.Args[1])
	check(err)
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<26)
	out := bufio.NewWriter(os.Stdout)
	for lines.Scan() {
		var text string
		check(json.Unmarshal(lines.Bytes(), &text))
		value, err := read(text)
		if err != nil {
			reason, _ := json.Marshal(err.Error())
			value = append([]byte("!"), reason...)
		} else {
			value = append(marks(text), value...)
		}
		_, err = out.Write(append(value, '\n'))
		check(err)
	}
	check(lines.Err())
	check(out.Flush())
}

// The library panics on some texts instead of refusing them; net/http and controller-runtime catch that.
func read(text string) (value []byte, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("panic: %v", fault)
		}
	}()
	return yaml.YAMLToJSON([]byte(text))
}

// marks says what the library passes over.
func marks(text string) (marks []byte) {
	if !isReadableToTheEnd(text) {
		marks = append(marks, '~')
	}
	if _, err := yaml.YAMLToJSONStrict([]byte(text)); err != nil {
		marks = append(marks, '^')
	}
	if strings.HasPrefix(text, "\ufeff\ufeff") {
		marks = append(marks, '+')
	}
	if hasKeysOfOneText(text) {
		marks = append(marks, '=')
	}
	return marks
}

func hasKeysOfOneText(text string) bool {
	var document any
	return goyaml.Unmarshal([]byte(text), &document) == nil && hasClash(document)
}

// hasClash looks for mappings such as {1: a, '1': b}.
func hasClash(value any) bool {
	switch value := value.(type) {
	case []any:
		return slices.ContainsFunc(value, hasClash)
	case map[any]any:
		seen := map[string]bool{}
		for key, inner := range value {
			if hasClash(inner) {
				return true
			}
			name := asText(key)
			if seen[name] {
				return true
			}
			seen[name] = true
		}
	}
	return false
}

// asText is the key as the library writes it into JSON.
func asText(key any) string {
	if text, is := key.(string); is {
		return text
	}
	alone, err := read(string(must(goyaml.Marshal(map[any]any{key: nil}))))
	var named map[string]any
	if err != nil || json.Unmarshal(alone, &named) != nil {
		return fmt.Sprint(key)
	}
	for name := range named {
		return name
	}
	return ""
}

// isReadableToTheEnd goes on where the library stops.
func isReadableToTheEnd(text string) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	documents := goyaml.NewDecoder(strings.NewReader(text))
	for {
		var document any
		if err := documents.Decode(&document); errors.Is(err, io.EOF) {
			return true
		} else if err != nil {
			return false
		}
		if _, err := read(string(must(goyaml.Marshal(document)))); err != nil {
			return false
		}
	}
}

func must(data []byte, err error) []byte {
	check(err)
	return data
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
