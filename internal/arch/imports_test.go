package arch

import (
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

// allowed says which packages of this module a package may import. A key or an
// entry that ends in /* stands for each package directly beneath. A package
// that is planned may stand here before it exists.
//
// To add a package, add its row. Before you add an entry to a row, ask whether
// the arrow points with the data: files, resources, snapshot, graph,
// reachability, rules, findings, report. TestTableObeysTheLaws has the last word.
var allowed = map[string][]string{
	"cmd/ekslint": {"internal/cli"},

	"internal/arch":           {},
	"internal/capacityreport": {"internal/report", "pkg/analyzer/capacity", "pkg/model"},
	"internal/cli": {
		"internal/baseline", "internal/capacityreport", "internal/config", "internal/gitfs", "internal/reachdiff", "internal/reachreport", "internal/regorule", "internal/report", "internal/ruleset", "internal/ruletest", "internal/suggest",
		"internal/userrules", "internal/webhook", "internal/webhook/*",
		"pkg/analyzer", "pkg/analyzer/capacity", "pkg/analyzer/eks", "pkg/analyzer/graph", "pkg/analyzer/netset", "pkg/analyzer/path",
		"pkg/analyzer/reach", "pkg/analyzer/rule", "pkg/analyzer/suppression", "pkg/analyzer/vpccni", "pkg/loader", "pkg/model",
	},
	"internal/deploy":           {"internal/config", "internal/ruleset", "pkg/loader/manifest", "pkg/model"},
	"internal/deploy/deploygen": {"internal/deploy"},
	"internal/gitfs":            {},
	"internal/reachdiff":        {"pkg/analyzer/graph", "pkg/analyzer/netset", "pkg/analyzer/reach", "pkg/model"},
	"internal/reachreport": {
		"internal/reachdiff", "internal/report", "pkg/analyzer/graph", "pkg/analyzer/netset", "pkg/analyzer/path", "pkg/analyzer/reach", "pkg/analyzer/vpccni",
		"pkg/model",
	},
	"internal/config":               {"internal/suggest", "pkg/analyzer/rule", "pkg/analyzer/suppression", "pkg/loader/syntax", "pkg/model"},
	"internal/baseline":             {"pkg/analyzer", "pkg/analyzer/rule", "pkg/analyzer/suppression"},
	"internal/suggest":              {},
	"internal/regorule":             {"pkg/analyzer/eks", "pkg/analyzer/graph", "pkg/analyzer/lbc", "pkg/analyzer/netset", "pkg/analyzer/reach", "pkg/analyzer/rule", "pkg/model"},
	"internal/report":               {"pkg/analyzer", "pkg/analyzer/rule", "pkg/analyzer/suppression", "pkg/model"},
	"internal/rulegen":              {"internal/regorule", "internal/ruleset", "pkg/analyzer/rule", "pkg/model", "rules", "rules/*"},
	"internal/rulegen/ruledoc":      {"pkg/analyzer/rule", "pkg/model", "rules"},
	"internal/rulegen/configschema": {"internal/config", "internal/ruleset"},
	"internal/ruleset":              {"internal/regorule", "internal/suggest", "pkg/analyzer/graph", "pkg/analyzer/rule", "pkg/model", "rules"},
	"internal/userrules":            {"internal/regorule"},
	"internal/webhook":              {"internal/webhook/*", "pkg/analyzer", "pkg/analyzer/graph", "pkg/analyzer/netset", "pkg/analyzer/reach", "pkg/analyzer/rule", "pkg/loader/manifest", "pkg/model"},
	"internal/webhook/bootstrap":    {"internal/webhook/certs"},
	"internal/webhook/certs":        {},
	"internal/webhook/kubetest":     {"internal/webhook/certs"},
	"internal/webhook/leader":       {},
	"internal/webhook/policyreport": {"pkg/analyzer", "pkg/analyzer/rule", "pkg/model"},
	"internal/ruletest": {
		"internal/config", "internal/report", "internal/ruleset",
		"pkg/analyzer", "pkg/analyzer/graph", "pkg/analyzer/rule", "pkg/analyzer/suppression", "pkg/loader", "pkg/model",
	},

	"rules": {"pkg/analyzer/rule", "pkg/model", "rules/*"},
	"rules/*": {
		"pkg/analyzer/capacity", "pkg/analyzer/corefile", "pkg/analyzer/eks", "pkg/analyzer/graph", "pkg/analyzer/ipam", "pkg/analyzer/lbc", "pkg/analyzer/netset",
		"pkg/analyzer/path", "pkg/analyzer/reach", "pkg/analyzer/rule", "pkg/analyzer/vpc", "pkg/analyzer/vpccni", "pkg/model",
	},

	"pkg/model":             {"pkg/model/persistent"},
	"pkg/model/persistent":  {},
	"pkg/model/placeholder": {"pkg/model"},

	"pkg/loader":                {"pkg/loader/*", "pkg/model", "pkg/model/placeholder"},
	"pkg/loader/loadertest":     {"pkg/loader/attr", "pkg/model"},
	"pkg/loader/attr":           {"pkg/loader/syntax", "pkg/model"},
	"pkg/loader/awscli":         {"pkg/loader/attr", "pkg/loader/syntax", "pkg/model"},
	"pkg/loader/cloudformation": {"pkg/loader/attr", "pkg/loader/syntax", "pkg/model"},
	"pkg/loader/comment":        {"pkg/loader/syntax", "pkg/loader/tfhcl", "pkg/model"},
	"pkg/loader/eksctl":         {"pkg/loader/attr", "pkg/loader/syntax", "pkg/model", "pkg/model/placeholder"},
	"pkg/loader/gitops":         {"pkg/model", "pkg/model/placeholder"},
	"pkg/loader/terraform":      {"pkg/loader/attr", "pkg/loader/syntax", "pkg/model"},
	"pkg/loader/tfhcl":          {"pkg/loader/attr", "pkg/loader/syntax", "pkg/loader/terraform", "pkg/model"},
	"pkg/loader/tfkubernetes":   {"pkg/loader/attr", "pkg/loader/manifest", "pkg/loader/terraform", "pkg/model"},
	"pkg/loader/tfplan":         {"pkg/loader/attr", "pkg/loader/syntax", "pkg/loader/terraform", "pkg/model"},
	"pkg/loader/syntax":         {"pkg/model", "pkg/model/placeholder"},
	"pkg/loader/kustomize":      {"pkg/loader/manifest", "pkg/loader/syntax", "pkg/model"},
	"pkg/loader/helm":           {"pkg/loader/manifest", "pkg/loader/syntax", "pkg/model"},
	"pkg/loader/manifest":       {"pkg/loader/syntax", "pkg/model", "pkg/model/placeholder"},

	"pkg/analyzer": {
		"pkg/analyzer/capacity", "pkg/analyzer/eks", "pkg/analyzer/graph", "pkg/analyzer/path", "pkg/analyzer/reach", "pkg/analyzer/rule",
		"pkg/analyzer/suppression", "pkg/analyzer/vpc", "pkg/model",
	},
	"pkg/analyzer/suppression": {"pkg/analyzer/rule", "pkg/model"},
	"pkg/analyzer/corefile":    {},
	"pkg/analyzer/ipam":        {"pkg/model"},
	"pkg/analyzer/capacity":    {"pkg/analyzer/eks", "pkg/analyzer/graph", "pkg/analyzer/ipam", "pkg/analyzer/vpc", "pkg/model"},
	"pkg/analyzer/graph":       {"pkg/analyzer/corefile", "pkg/analyzer/lbc", "pkg/analyzer/netset", "pkg/model", "pkg/model/persistent", "pkg/model/placeholder"},
	"pkg/analyzer/lbc":         {"pkg/model", "pkg/model/placeholder"},
	"pkg/analyzer/netset":      {},
	"pkg/analyzer/reach":       {"pkg/analyzer/graph", "pkg/analyzer/graph/*", "pkg/analyzer/netset", "pkg/model", "pkg/model/persistent"},
	"pkg/analyzer/rule":        {"pkg/analyzer/capacity", "pkg/analyzer/eks", "pkg/analyzer/graph", "pkg/analyzer/path", "pkg/analyzer/reach", "pkg/analyzer/vpc", "pkg/model"},
	"pkg/analyzer/eks":         {"pkg/analyzer/graph", "pkg/analyzer/lbc", "pkg/analyzer/netset", "pkg/analyzer/vpc", "pkg/model"},
	"pkg/analyzer/path":        {"pkg/analyzer/eks", "pkg/analyzer/graph", "pkg/analyzer/netset", "pkg/analyzer/reach", "pkg/analyzer/vpc", "pkg/analyzer/vpccni", "pkg/model"},
	"pkg/analyzer/vpc":         {"pkg/analyzer/netset", "pkg/model"},
	"pkg/analyzer/vpc/vpctest": {"pkg/model"},
	"pkg/analyzer/vpccni":      {"pkg/analyzer/graph", "pkg/analyzer/graph/*", "pkg/analyzer/netset", "pkg/analyzer/reach", "pkg/model"},

	"pkg/analyzer/graph/graphtest": {"pkg/analyzer/graph", "pkg/model", "pkg/model/placeholder"},

	"test/action":       {},
	"test/bench":        {},
	"test/bench/decode": {},
}

// laws are the arrows that no row may have. from and to name a package and all
// beneath it; except lists importers that may.
var laws = []struct {
	from, to string
	except   []string
	because  string
}{
	{from: "pkg", to: "internal", because: "pkg is for other modules, which cannot follow it into internal"},
	{from: "pkg", to: "rules", because: "the caller hands the rules to the analyzer"},
	{from: "pkg/loader", to: "pkg/analyzer", because: "what loader and analyzer share lives in model"},
	{from: "pkg/analyzer", to: "pkg/loader", because: "what loader and analyzer share lives in model"},
	{from: "pkg/model", to: "pkg/loader", because: "model is a leaf"},
	{from: "pkg/model", to: "pkg/analyzer", because: "model is a leaf"},
	{from: "rules", to: "pkg/loader", because: "a rule is a function of its Pass and reads no files"},
	{from: "rules", to: "internal", because: "a rule is a function of its Pass"},
	{from: "internal/report", to: "pkg/loader", because: "a report is written from findings alone"},
	{from: "", to: "internal/cli", except: []string{"cmd/ekslint"}, because: "the command line is a caller, not a library"},
	{from: "", to: "cmd", because: "a command is nobody's library"},
	{from: "", to: "test", because: "what only tests and measures is nobody's library"},
}

func TestImportsFollowTheTable(t *testing.T) {
	t.Parallel()
	for dir, pkg := range readModule(t) {
		row, listed := rowOf(dir)
		if !listed {
			t.Errorf("package %s is not in the table `allowed` of internal/arch/imports_test.go: "+
				"add a row that says what it may import", dir)
			continue
		}
		for imported, file := range pkg.imports {
			if !permits(row, imported) {
				t.Errorf("%s: %s must not import %s; if the arrow is right, say so in the table `allowed` "+
					"of internal/arch/imports_test.go", file, dir, imported)
			}
		}
	}
}

func TestTableObeysTheLaws(t *testing.T) {
	t.Parallel()
	for _, dir := range slices.Sorted(maps.Keys(allowed)) {
		for _, to := range allowed[dir] {
			if _, listed := allowed[to]; !listed && !strings.HasSuffix(to, "/*") {
				t.Errorf("row %s allows %s, which has no row", dir, to)
			}
			for _, law := range laws {
				if within(dir, law.from) && within(to, law.to) && !slices.Contains(law.except, dir) {
					t.Errorf("row %s allows %s: %s", dir, to, law.because)
				}
			}
		}
	}
	// persistent is a container, which knows nothing of what is in it.
	if row := allowed["pkg/model"]; !slices.Equal(row, []string{"pkg/model/persistent"}) || len(allowed["pkg/model/persistent"]) != 0 {
		t.Errorf("pkg/model may import %v: model is a leaf but for its container", row)
	}
	for dir := range allowed {
		if dir != "pkg/loader" && within(dir, "pkg/loader") && slices.Contains(allowed[dir], "pkg/loader") {
			t.Errorf("row %s allows pkg/loader: the loader calls the formats", dir)
		}
	}
}

// rowOf finds the row of a package, its own before one that ends in /*.
func rowOf(dir string) ([]string, bool) {
	if row, ok := allowed[dir]; ok {
		return row, true
	}
	row, ok := allowed[path.Dir(dir)+"/*"]
	return row, ok
}

func permits(row []string, imported string) bool {
	return slices.Contains(row, imported) || slices.Contains(row, path.Dir(imported)+"/*")
}

// within reports whether a package is root or beneath it; every package is beneath "".
func within(dir, root string) bool {
	return root == "" || dir == root || strings.HasPrefix(dir, root+"/")
}
