package regorule

import (
	"strings"
	"testing"
)

func TestCheckTristate(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		body string
		want string // "" means allowed
	}{
		"positive":            {`findings contains {"message": "m"} if ekslint.facts(input.ref).certain == "no"`, ""},
		"membership":          {`findings contains {"message": "m"} if ekslint.known("workloads", "a") in {"inferred", "declared"}`, ""},
		"other inequality":    {`findings contains {"message": "m"} if input.object.spec.type != "ExternalName"`, ""},
		"other negation":      {`findings contains {"message": "m"} if not input.object.spec.selector`, ""},
		"other helper":        {"odd if input.object.spec.type == \"ExternalName\"\n" + `findings contains {"message": "m"} if not odd`, ""},
		"word in a message":   {`findings contains {"message": "no"} if input.object.spec.type != "ClusterIP"`, ""},
		"count of matches":    {`findings contains {"message": "m"} if count([1 | input.a == "yes"]) != 1`, ""},
		"unequal":             {`findings contains {"message": "m"} if ekslint.facts(input.ref).certain != "yes"`, `neq`},
		"unequal turned":      {`findings contains {"message": "m"} if "no" != ekslint.facts(input.ref).certain`, `neq`},
		"unequal variable":    {"findings contains {\"message\": \"m\"} if {\n\tx := ekslint.facts(input.ref).certain\n\tx != \"unknown\"\n}", `:11:`},
		"unequal as a value":  {"findings contains {\"message\": \"m\"} if {\n\tx := input.a != \"yes\"\n\tx\n}", `also true`},
		"unequal in a set":    {`findings contains {"message": "m"} if count([1 | input.a != "yes"]) > 0`, `also true`},
		"unequal in every":    {`findings contains {"message": "m"} if { every f in input.a { f != "yes" } }`, `also true`},
		"unequal in else":     {"x := 1 if input.a\nelse := 2 if input.b != \"no\"\n" + `findings contains {"message": "m"} if x == 2`, `also true`},
		"not equal":           {`findings contains {"message": "m"} if not ekslint.facts(input.ref).certain == "yes"`, `not`},
		"not member":          {`findings contains {"message": "m"} if not input.a in {"yes", "x"}`, `not`},
		"not known":           {`findings contains {"message": "m"} if not ekslint.known("workloads", "a")`, `not`},
		"not a helper":        {"covered if input.a == \"yes\"\n" + `findings contains {"message": "m"} if not covered`, `not`},
		"not a function":      {"covered(x) if x == \"yes\"\n" + `findings contains {"message": "m"} if not covered(input.a)`, `not`},
		"not helper's helper": {"a if input.a == \"yes\"\nb if a\n" + `findings contains {"message": "m"} if not b`, `not`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := CheckTristate(module(t, 1, tc.body))
			switch {
			case tc.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), "test/r1.rego:")):
				t.Errorf("error %v, want one with %q", err, tc.want)
			}
		})
	}
}
