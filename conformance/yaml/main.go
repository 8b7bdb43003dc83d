// What sigs.k8s.io/yaml makes of texts, as KKP reads a valuesBlock.
//
//	go run . TEXTS    reads a JSON string a line; prints for each the value as JSON, or `!` and why it is refused
//
// The library reads the first document and never looks at what stands behind it. `~` before a value says that what stands there
// could not be read, `^` that a key stands twice in one mapping, of which the last counts,
// `+` that two byte order marks stand at the beginning.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
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
	return marks
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
