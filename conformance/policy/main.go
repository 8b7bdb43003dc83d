// Reads a CiliumClusterwideNetworkPolicy strictly, and lets Cilium's own Sanitize judge its rule, as the agent does.
//
// What Sanitize makes of the rule on standard input goes to standard output, as JSON; a refusal to standard error. The object around
// the rule is judged by the CRD: Cilium's type for it would bring half of Kubernetes into the build.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/cilium/cilium/pkg/policy/api"
	"sigs.k8s.io/yaml"
)

type policy struct {
	APIVersion string         `json:"apiVersion"`
	Kind       string         `json:"kind"`
	Metadata   map[string]any `json:"metadata"`
	Spec       *api.Rule      `json:"spec"`
}

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
	var given policy
	if err := yaml.UnmarshalStrict(text, &given); err != nil {
		return err
	}
	if given.Spec == nil {
		return errors.New("no spec")
	}
	if err := given.Spec.Sanitize(); err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(given.Spec)
}
