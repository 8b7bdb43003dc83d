// Reads a CiliumClusterwideNetworkPolicy as the agent does: strictly, then by Cilium's own Parse.
//
// What Parse makes of the file on standard input goes to standard output, as JSON; a refusal to standard error.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"

	cilium "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2"
	"sigs.k8s.io/yaml"
)

func main() {
	if err := parse(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func parse(in io.Reader, out io.Writer) error {
	text, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	var policy cilium.CiliumClusterwideNetworkPolicy
	if err := yaml.UnmarshalStrict(text, &policy); err != nil {
		return err
	}
	rules, err := policy.Parse(slog.New(slog.DiscardHandler), "default")
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(rules)
}
