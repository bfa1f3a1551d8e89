package lbc_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/lbc"
)

const cataloguePath = "../../../../shared/catalogue/annotations.json"

type catalogueRow struct {
	Key           string
	Suffix        string
	Type          string
	Enum          []string
	LegacyEnum    []string `json:"legacy_enum"`
	CaseSensitive *bool    `json:"case_sensitive"`
	Min, Max      int64
	ElbMin        int64 `json:"elb_min"`
	ElbMax        int64 `json:"elb_max"`
	Regex         string
	MaxLen        int      `json:"max_len"`
	MapKeys       []string `json:"map_keys"`
	Merge         string
	Default       string
	Location      []string
	Templated     bool
	Deprecated    string
	Anchor        string
}

// different lists the places where the table differs on purpose, with the
// reason. The key is the suffix and the field.
var different = map[string]string{
	"target-control-port.${serviceName}.${servicePort} OnService": "model_build_target_group.go reads it from the merged Service and Ingress annotations",
	"tags Merge":                                             "model_build_tags.go compares each key",
	"load-balancer-attributes Merge":                         "model_build_load_balancer_attributes.go compares each key",
	"listener-attributes.${Protocol}-${Port} Merge":          "model_build_listener.go compares each key",
	"minimum-load-balancer-capacity Merge":                   "model_build_load_balancer_capacity_reservation.go compares each key",
	"ssl-policy Merge":                                       "model_builder.go mergeListenPortConfigs compares for each shared port",
	"mutual-authentication Merge":                            "model_builder.go mergeListenPortConfigs compares for each shared port",
	"load-balancer-name Regex":                               "the shape that API_CreateLoadBalancer documents",
	"aws-load-balancer-name Regex":                           "the shape that API_CreateLoadBalancer documents",
	"frontend-nlb-healthcheck-success-codes Regex":           "same syntax as success-codes",
	"aws-load-balancer-proxy-protocol-per-target-group Type": "model_build_target_group.go splits it at commas and reads numbers",
	"listen-ports Default":                                   "the documentation gives the two values without saying when",
}

func loadCatalogue(t *testing.T) map[string][]catalogueRow {
	t.Helper()
	text, err := os.ReadFile(cataloguePath)
	if os.IsNotExist(err) {
		t.Skip("the catalogue of annotations is not beside the repository")
	}
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Ingress, Service []catalogueRow }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return map[string][]catalogueRow{"ingress": file.Ingress, "service": file.Service}
}

func TestTableAgreesWithCatalogue(t *testing.T) {
	t.Parallel()
	catalogue := loadCatalogue(t)
	for name, family := range map[string]lbc.Family{"ingress": lbc.Ingress, "service": lbc.Service} {
		rows := lbc.All(family)
		if len(rows) != len(catalogue[name]) {
			t.Errorf("%s: %d annotations, catalogue has %d", name, len(rows), len(catalogue[name]))
		}
		for _, want := range catalogue[name] {
			i := slices.IndexFunc(rows, func(a lbc.Annotation) bool { return a.Suffix == want.Suffix })
			if i < 0 {
				t.Errorf("%s: %s is missing", name, want.Suffix)
				continue
			}
			compareRow(t, rows[i], want)
		}
	}
}

func compareRow(t *testing.T, got lbc.Annotation, want catalogueRow) {
	t.Helper()
	regex := ""
	if got.Regex != nil {
		regex = got.Regex.String()
	}
	fields := []struct {
		name      string
		got, want any
	}{
		{"Key", got.Key(), want.Key},
		{"Type", got.Type, catalogueType(want.Type)},
		{"Enum", got.Enum, want.Enum},
		{"LegacyEnum", got.LegacyEnum, want.LegacyEnum},
		{"FoldCase", got.FoldCase, want.CaseSensitive != nil && !*want.CaseSensitive},
		{"Min", []int64{got.Min, got.Max}, []int64{want.Min, want.Max}},
		{"AWSMin", []int64{got.AWSMin, got.AWSMax}, []int64{want.ElbMin, want.ElbMax}},
		{"Regex", regex, want.Regex},
		{"MaxLen", got.MaxLen, want.MaxLen},
		{"MapKeys", got.MapKeys, want.MapKeys},
		{"Merge", got.Merge, catalogueMerge(want.Merge)},
		{"Default", got.Default, want.Default},
		{"OnIngress", got.OnIngress, slices.Contains(want.Location, "Ingress")},
		{"OnService", got.OnService, slices.Contains(want.Location, "Service")},
		{"OnPod", got.OnPod, slices.Contains(want.Location, "Pod")},
		{"Templated", got.Templated, want.Templated},
		{"Deprecated", got.Deprecated, strings.TrimPrefix(want.Deprecated, "use ")},
		{"Anchor", got.Anchor, want.Anchor},
	}
	for _, f := range fields {
		diff := cmp.Diff(f.want, f.got)
		reason, excused := different[got.Suffix+" "+f.name]
		switch {
		case diff != "" && !excused:
			t.Errorf("%s: %s (-catalogue +table):\n%s", got.Suffix, f.name, diff)
		case diff == "" && excused:
			t.Errorf("%s: %s agrees; drop the reason %q", got.Suffix, f.name, reason)
		}
	}
}

func catalogueType(word string) lbc.Type {
	switch strings.ReplaceAll(word, " ", "") {
	case "string":
		return lbc.TypeString
	case "integer":
		return lbc.TypeInteger
	case "boolean":
		return lbc.TypeBoolean
	case "enum":
		return lbc.TypeEnum
	case "stringList":
		return lbc.TypeStringList
	case "stringMap":
		return lbc.TypeStringMap
	case "json":
		return lbc.TypeJSON
	case "integer|traffic-port|named-service-port":
		return lbc.TypeHealthPort
	case "integer|traffic-port":
		return lbc.TypeHealthPortNumber
	default:
		return 0
	}
}

func catalogueMerge(word string) lbc.Merge {
	switch word {
	case "none", "n/a":
		return lbc.MergeNone
	case "merge":
		return lbc.Merged
	case "exclusive":
		return lbc.MergeExclusive
	case "per-listen-port-exclusive":
		return lbc.MergePerPort
	default:
		return lbc.MergeUnknown
	}
}

// Every row must hold together, whatever the catalogue says.
func TestTableIsSound(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, a := range append(lbc.All(lbc.Ingress), lbc.All(lbc.Service)...) {
		t.Run(a.Key(), func(t *testing.T) {
			if seen[a.Key()] {
				t.Error("listed twice")
			}
			seen[a.Key()] = true
			if (a.Type == lbc.TypeEnum) != (len(a.Enum) > 0) {
				t.Error("an enum has words, and nothing else has")
			}
			if !a.OnIngress && !a.OnService && !a.OnPod {
				t.Error("read on no object")
			}
			if a.Templated != strings.Contains(a.Suffix, "${") {
				t.Error("templated without a variable, or the reverse")
			}
			if a.Deprecated != "" {
				if _, ok := lbc.Lookup(a.Family, a.Deprecated); !ok {
					t.Errorf("replaced by unknown %q", a.Deprecated)
				}
			}
			if !a.Templated {
				got, ok := lbc.Lookup(a.Family, a.Suffix)
				if !ok || got.Suffix != a.Suffix {
					t.Errorf("Lookup finds %q, %v", got.Suffix, ok)
				}
			}
			for _, word := range append(slices.Clone(a.Enum), a.LegacyEnum...) {
				if issues := lbc.Check(a, word); issues != nil {
					t.Errorf("Check(%q) = %v", word, issues)
				}
			}
		})
	}
}

// The defaults that are plain values must be acceptable themselves.
func TestDefaultsAreAccepted(t *testing.T) {
	t.Parallel()
	plain := regexp.MustCompile(`^[A-Za-z0-9-]+$`)
	for _, a := range append(lbc.All(lbc.Ingress), lbc.All(lbc.Service)...) {
		if plain.MatchString(a.Default) {
			if issues := lbc.Check(a, a.Default); issues != nil {
				t.Errorf("%s: default %q: %v", a.Key(), a.Default, issues)
			}
		}
	}
}

func TestDocURL(t *testing.T) {
	t.Parallel()
	a, _ := lbc.Lookup(lbc.Ingress, "scheme")
	const want = "https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/#scheme"
	if got := a.DocURL(); got != want {
		t.Errorf("DocURL() = %q, want %q", got, want)
	}
	a, _ = lbc.Lookup(lbc.Service, "aws-load-balancer-scheme")
	if got := a.DocURL(); !strings.HasSuffix(got, "service/annotations/#lb-scheme") {
		t.Errorf("DocURL() = %q", got)
	}
}

func ExampleCheck() {
	a, _ := lbc.Lookup(lbc.Ingress, "scheme")
	for _, issue := range lbc.Check(a, "internet-facng") {
		fmt.Println(issue.Message)
	}
	// Output: "internet-facng" is not internal or internet-facing; did you mean "internet-facing"?
}
