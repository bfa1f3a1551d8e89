package regorule

import (
	"context"
	"fmt"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// files makes files of a user out of names and texts.
func files(texts map[string]string) []File {
	var out []File
	for name, text := range texts {
		f := File{Name: name, Text: []byte(text)}
		if dir := path.Dir(name); dir != "." {
			f.Dir = strings.Split(dir, "/")
		}
		out = append(out, f)
	}
	return out
}

// ownRule is the text of a rule for Services.
func ownRule(id, pkg, body string) string {
	return fmt.Sprintf("# METADATA\n# title: test\n# custom:\n#   id: %s\n#   severity: error\n#   kinds: [Service]\npackage %s\n\n%s\n", id, pkg, body)
}

func own(t testing.TB, texts map[string]string) *Policies {
	t.Helper()
	p, err := ParsePolicies(files(texts))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func everything(rule.Meta) bool { return true }

func testLimits() Limits { return DefaultLimits(time.Now) }

// findOwn runs the rules of a user over a graph.
func findOwn(t testing.TB, g *graph.Graph, texts map[string]string) ([]string, error) {
	t.Helper()
	found, err := check(t.Context(), g, own(t, texts).Checkers(testLimits(), everything))
	return lines(found), err
}

// written is a Service as the loader keeps it for policies of conftest.
func written(name, json string) *model.Resource {
	r := service("shop", name, nil)
	r.Written = []byte(json)
	r.Source = at("deploy/" + name + ".yaml")
	return r
}

// at is a source that only knows its file.
type at string

func (a at) File() string                                           { return string(a) }
func (at) Locate(model.Path, model.Part) (span model.Span, ok bool) { return model.Span{}, false }
func (a at) Extent() model.Span                                     { return model.Span{File: string(a)} }

func TestOwnRules(t *testing.T) {
	t.Parallel()
	const only = ` if input.ref.name == "web"`
	for name, tc := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"rule": {
			map[string]string{"a.rego": ownRule("OWN-001", "shop.a", `findings contains {"message": "m"}`+only)},
			[]string{"OWN-001 error Service shop/web@/0: m"},
		},
		"library": {
			map[string]string{
				"a.rego":     ownRule("OWN-001", "shop.a", "import data.lib.names\n"+`findings contains {"message": names.hello} if names.is_web`),
				"lib/n.rego": "package lib.names\n\nhello := \"h\"\n\nis_web if input.ref.name == \"web\"\n",
			},
			[]string{"OWN-001 error Service shop/web@/0: h"},
		},
		"a package in two files": {
			map[string]string{
				"a.rego": ownRule("OWN-001", "shop.a", `findings contains {"message": "a"}`+only),
				"b.rego": "package shop.a\n\nfindings contains {\"message\": \"b\"}" + only,
			},
			[]string{"OWN-001 error Service shop/web@/0: a", "OWN-001 error Service shop/web@/0: b"},
		},
		"data": {
			map[string]string{
				"a.rego":         ownRule("OWN-001", "shop.a", `findings contains {"message": sprintf("%v %v", [data.top, data.x.y.deep])} if input.ref.name == data.x.y.web`),
				"data.json":      `{"top": 1}`,
				"x/y/names.yaml": "# comment\n---\nweb: web\n",
				"x/y/more.yml":   "deep: [2]",
			},
			[]string{`OWN-001 error Service shop/web@/0: 1 [2]`},
		},
		"the graph": {
			map[string]string{"a.rego": ownRule("OWN-001", "shop.a", `findings contains {"message": "m"} if count(ekslint.pods("shop", {"matchLabels": input.object.spec.selector}).refs) == 0`)},
			[]string{"OWN-001 error Service shop/lost@/0: m"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := findOwn(t, shop(), tc.files)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOwnMetadata(t *testing.T) {
	t.Parallel()
	p := own(t, map[string]string{
		"a.rego": ownRule("OWN-002", "shop.a", `findings contains {"message": "m"}`),
		"b.rego": strings.Replace(ownRule("OWN-001", "shop.b", `findings contains {"message": "m"}`), "kinds: [Service]",
			"kinds: [Secret, Role.rbac.authorization.k8s.io, Certificate.cert-manager.io, Workload]\n#   category: names", 1),
	})
	want := []rule.Meta{
		{
			ID: "OWN-001", Title: "test", Category: "names", Description: "test", Severity: rule.Error, Own: true,
			Kinds: []string{"Certificate.cert-manager.io", "Role", "Secret", "Workload"},
		},
		{ID: "OWN-002", Title: "test", Category: "custom", Description: "test", Severity: rule.Error, Own: true, Kinds: []string{"Service"}},
	}
	if diff := cmp.Diff(want, p.Metas()); diff != "" {
		t.Error(diff)
	}
	if p.Place("OWN-002") != "a.rego:9:1" || p.AllKinds() {
		t.Errorf("place %s, all kinds %v", p.Place("OWN-002"), p.AllKinds())
	}
	if diff := cmp.Diff([]model.GroupKind{
		{Kind: "Service"},
		{Kind: "Secret"},
		{Group: "rbac.authorization.k8s.io", Kind: "Role"},
		{Group: "cert-manager.io", Kind: "Certificate"},
	}, p.Kinds()); diff != "" {
		t.Error(diff)
	}
}

func TestOwnMistakes(t *testing.T) {
	t.Parallel()
	good := ownRule("OWN-001", "shop.a", `findings contains {"message": "m"}`)
	for name, tc := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"syntax in two files": {
			map[string]string{"a.rego": "package a\n\nx := {", "b.rego": "package b\n\n  y := ["},
			[]string{"a.rego:3:6: ", "b.rego:3:8: "},
		},
		"empty":            {map[string]string{"a.rego": "# nothing\n"}, []string{"a.rego:1:1: empty module"}},
		"v0 in a rule":     {map[string]string{"a.rego": strings.Replace(good, "findings contains", "findings[x] { x := 1 }\n#", 1)}, []string{"a.rego:9:1: "}},
		"reserved package": {map[string]string{"a.rego": ownRule("OWN-001", "ekslint.rules.a.b", `findings contains {"message": "m"}`)}, []string{"a.rego:7:1: package ekslint.rules.a.b: the name ekslint is reserved"}},
		"reserved data":    {map[string]string{"a.rego": good, "ekslint/x.json": `{"a": 1}`}, []string{"ekslint/x.json:1:1: data.ekslint is reserved"}},
		"two mistakes in metadata": {
			map[string]string{"a.rego": strings.NewReplacer("OWN-001", "own", "severity: error", "severity: fatal").Replace(good)},
			[]string{`a.rego:1:1: metadata: custom.id: "own" is not`, `a.rego:1:1: metadata: custom.severity: unknown severity "fatal"`},
		},
		"unknown kind":     {map[string]string{"a.rego": strings.Replace(good, "[Service]", "[Ingres]", 1)}, []string{`a.rego:1:1: metadata: custom.kinds: unknown kind "Ingres", did you mean Ingress?`}},
		"kind of no group": {map[string]string{"a.rego": strings.Replace(good, "[Service]", "[Certificate]", 1)}, []string{`unknown kind "Certificate": a custom resource is named with its group`}},
		"no metadata":      {map[string]string{"a.rego": "package a\n\nfindings contains 1"}, []string{"a.rego:1:1: the package defines findings, but has no METADATA"}},
		"no findings":      {map[string]string{"a.rego": ownRule("OWN-001", "shop.a", `finding := 1`)}, []string{"a.rego:7:1: the rule defines no findings"}},
		"findings no set":  {map[string]string{"a.rego": ownRule("OWN-001", "shop.a", `findings := 1`)}, []string{"a.rego:9:1: findings must be a set"}},
		"same ID":          {map[string]string{"a.rego": good, "b.rego": ownRule("OWN-001", "shop.b", `findings contains {"message": "m"}`)}, []string{"b.rego:9:1: OWN-001 is also the ID of the rule at a.rego:9:1"}},
		"same package":     {map[string]string{"a.rego": good, "b.rego": ownRule("OWN-002", "shop.a", `findings contains {"message": "m"}`)}, []string{"b.rego:7:1: package shop.a is already the rule of a.rego:7:1"}},
		"unsafe in two files": {
			map[string]string{"a.rego": ownRule("OWN-001", "shop.a", `findings contains {"message": "m"} if x > 1`), "b.rego": "package b\n\nz if y > 1"},
			[]string{"a.rego:9:39: var x is unsafe", "b.rego:3:6: var y is unsafe"},
		},
		"data twice":        {map[string]string{"a.rego": good, "x/a.json": `{"k": 1}`, "x/b.yaml": "k: 2"}, []string{"x/b.yaml:1:1: data.x.k stands in another file as well"}},
		"data of no object": {map[string]string{"a.rego": good, "a.json": `[1]`}, []string{"a.json:1:1: data in the top folder must be a mapping"}},
		"broken data":       {map[string]string{"a.rego": good, "a.json": `{"a"`}, []string{"a.json:1:1: data cannot be read"}},
		"two documents":     {map[string]string{"a.rego": good, "a.yaml": "a: 1\n---\nb: 2\n"}, []string{"a.yaml:1:1: data is one document a file"}},
		"data over a rule":  {map[string]string{"a.rego": good, "shop/x.json": `{"a": {"findings": 1}}`}, []string{"a.rego:9:1: "}},
		"deny as an object": {map[string]string{"a.rego": "package main\n\ndeny[msg] if { msg := \"a\" }"}, []string{"a.rego:3:1: deny makes an object: want deny contains msg if"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ParsePolicies(files(tc.files))
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range tc.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error lacks %q:\n%v", want, err)
				}
			}
		})
	}
}

// TestOwnRulesAreIsolated: what reaches outside is not there.
func TestOwnRulesAreIsolated(t *testing.T) {
	t.Parallel()
	for _, call := range []string{
		`http.send({"url": "http://example.com", "method": "get"})`, `net.lookup_ip_addr("a")`, `net.cidr_expand("10.0.0.0/8")`,
		`opa.runtime().env.HOME`, `time.now_ns()`, `time.clock([1, "Europe/Berlin"])`, `rand.intn("a", 2)`, `uuid.rfc4122("a")`,
		`rego.parse_module("a", "b")`, `json.verify_schema({})`, `json.match_schema({}, {"$ref": "http://example.com"})`,
		`providers.aws.sign_req({}, {}, 1)`, `crypto.x509.parse_certificates("a")`, `io.jwt.decode("a")`,
		`graph.reachable_paths({}, {})`, `regex.globs_match("a", "b")`, `strings.render_template("a", {})`,
	} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			function, _, _ := strings.Cut(call, "(")
			for pkg, text := range map[string]string{
				"rule":     ownRule("OWN-001", "shop.a", `findings contains {"message": "m"} if `+call),
				"conftest": "package main\n\ndeny contains \"m\" if " + call,
				"v0":       "package main\n\ndeny[\"m\"] { " + call + " }",
			} {
				_, err := ParsePolicies(files(map[string]string{"a.rego": text}))
				if err == nil || !strings.Contains(err.Error(), "undefined function "+function) || !strings.HasPrefix(err.Error(), "a.rego:") {
					t.Errorf("%s: error %v", pkg, err)
				}
			}
		})
	}
}

func TestFindingsOfWrongShapeNameTheRule(t *testing.T) {
	t.Parallel()
	got, err := findOwn(t, graphOf(service("shop", "web", nil)), map[string]string{"a.rego": ownRule("OWN-001", "shop.a",
		`findings contains {"message": "good"}`+"\n\n"+`findings contains {"message": "m", "path": "x"}`)})
	wantError(t, err, "OWN-001", "a.rego:9:1: finding: path: want an array")
	if diff := cmp.Diff([]string{"OWN-001 error Service shop/web@/0: good"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestConftest(t *testing.T) {
	t.Parallel()
	g := graphOf(
		written("web", `{"kind": "Service", "metadata": {"name": "web"}, "spec": {"odd": true}}`),
		written("api", `{"kind": "Service", "metadata": {"name": "api", "labels": {"skip": "yes"}}}`))
	for name, tc := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"messages": {
			map[string]string{"a.rego": "package main\n\ndeny contains msg if { input.spec.odd; msg := \"odd\\nfield\" }\n\nwarn contains \"w\" if input.spec"},
			[]string{"main.deny error Service shop/web@/0: odd field odd field", "main.warn warning Service shop/web@/0: w w"},
		},
		"absent means absent": {
			map[string]string{"a.rego": "package main\n\ndeny contains \"no spec\" if not input.spec"},
			[]string{"main.deny error Service shop/api@/0: no spec no spec"},
		},
		"version 0": {
			map[string]string{"a.rego": "package main\n\nname = input.metadata.name\n\ndeny[msg] {\n  name == \"web\"\n  msg = sprintf(\"%s\", [name])\n}\nviolation_x[{\"msg\": msg, \"details\": {}}] { input.spec; msg := \"v\" }"},
			[]string{"main.deny error Service shop/web@/0: web web", "main.violation_x error Service shop/web@/0: v v"},
		},
		"both versions and a library": {
			map[string]string{
				"a.rego": "package main\n\nimport data.lib\n\ndeny contains \"m\" if lib.is(input)",
				"b.rego": "package lib\n\nis(o) { o.spec }",
			},
			[]string{"main.deny error Service shop/web@/0: m m"},
		},
		"objects with a path": {
			map[string]string{"a.rego": "package other\n\ndeny contains {\"msg\": \"m\", \"path\": [\"spec\", \"odd\"]} if input.spec.odd\n\nwarn contains {\"msg\": \"n\", \"path\": {}} if input.spec.odd"},
			[]string{"other.deny error Service shop/web@spec.odd/0: m m", "other.warn warning Service shop/web@/0: n n"},
		},
		"exceptions": {
			map[string]string{"a.rego": "package main\n\ndeny contains \"a\"\n\ndeny_named contains \"b\"\n\nwarn_named contains \"c\"\n\nexception contains rules if { input.metadata.labels.skip; rules := [\"named\"] }\n\nexception contains [\"\"] if input.spec"},
			[]string{
				"main.deny error Service shop/api@/0: a a",
				"main.deny_named error Service shop/web@/0: b b",
				"main.warn_named warning Service shop/web@/0: c c",
			},
		},
		"a list, a failing built-in, an empty message": {
			map[string]string{"a.rego": "package main\n\ndeny := [\"l\"] if input.spec\n\nwarn contains \"m\" if to_number(input.metadata.name) > 0\n\nwarn contains \"\"\n\ndefault deny_b := false\n\ndeny_b if input.spec"},
			[]string{"main.deny error Service shop/web@/0: l l"},
		},
		"data and the file": {
			map[string]string{"a.rego": "package main\n\ndeny contains msg if { input.metadata.name == data.names[_]; msg := sprintf(\"%s in %s\", [data.conftest.file.name, data.conftest.file.dir]) }", "d.yaml": "names: [web]"},
			[]string{"main.deny error Service shop/web@/0: web.yaml in deploy web.yaml in deploy"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := findOwn(t, g, tc.files)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestConftestResultsOfWrongShape(t *testing.T) {
	t.Parallel()
	got, err := findOwn(t, graphOf(written("web", `{}`)), map[string]string{"a.rego": "package main\n\ndeny contains 1\n\ndeny contains \"good\"\n\nwarn contains {\"message\": \"m\"}"})
	wantError(t, err, "main.deny", "a.rego:3:1: want a message or an object with msg, have number")
	if !strings.Contains(err.Error(), "a.rego:7:1: the result lacks msg") {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff([]string{"main.deny error Service shop/web@/0: good good"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	p := own(t, map[string]string{
		"a.rego": ownRule("OWN-001", "shop.a", `findings contains {"message": "m"} if ekslint.known("pods", "x") != "yes"`),
		"b.rego": "package main\n\ndeny if input.spec",
	})
	want := []string{"b.rego:3:1: deny is no set of messages: it reports only where its value is a list", "a.rego:9:39: "}
	for _, text := range want {
		if !strings.Contains(strings.Join(p.Warnings(), "\n"), text) {
			t.Errorf("warnings %q lack %q", p.Warnings(), text)
		}
	}
}

const digits10 = "digits := [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n"

func TestRulesAreStopped(t *testing.T) {
	t.Parallel()
	endless := digits10 + `findings contains {"message": "m"} if {
	some a in digits; some b in digits; some c in digits; some d in digits; some e in digits
	some f in digits; some g in digits; some h in digits; some i in digits; some j in digits
	a + b + c + d + e + f + g + h + i + j == count(input.ref.name) - 1000
}`
	hoard := digits10 + `findings contains {"message": "m"} if {
	hoarded := [x |
		some a in digits; some b in digits; some c in digits; some d in digits; some e in digits
		some f in digits; some g in digits; some h in digits; x := [a, b, c, d, e, f, g, h]
	]
	count(hoarded) == count(input.ref.name)
}`
	for name, tc := range map[string]struct {
		body, want string
		change     func(*Limits)
	}{
		"time":     {endless, "a.rego:10:1: stopped: one evaluation took too long: more than 50ms", func(l *Limits) { l.Evaluation = 50 * time.Millisecond }},
		"memory":   {hoard, "a.rego:10:1: stopped: an evaluation took too much memory: more than 4 MiB", func(l *Limits) { l.Memory, l.Evaluation = 4<<20, time.Minute }},
		"findings": {`findings contains {"message": sprintf("%d", [i])} if some i in numbers.range(1, 100)`, "a.rego:9:1: stopped: more than 10 findings", func(l *Limits) { l.Findings = 10 }},
		"total":    {`findings contains {"message": "m"} if input.ref.name == "x"`, "a.rego:9:1: stopped: more than 1ns in all", func(l *Limits) { l.Total = 1 }},
	} {
		t.Run(name, func(t *testing.T) {
			limits := testLimits()
			tc.change(&limits)
			texts := map[string]string{"a.rego": ownRule("OWN-001", "shop.a", tc.body), "b.rego": ownRule("OWN-002", "shop.b", `findings contains {"message": "good"}`)}
			if name == "total" {
				delete(texts, "b.rego")
			}
			found, err := check(t.Context(), shop(), own(t, texts).Checkers(limits, everything))
			wantError(t, err, "OWN-001", tc.want)
			if n := strings.Count(err.Error(), "stopped"); n != 1 || strings.Contains(err.Error(), "OWN-002") {
				t.Errorf("stopped %d times: %v", n, err)
			}
			good := 0
			for _, f := range found {
				if f.RuleID == "OWN-002" {
					good++
				}
			}
			if good != 2 && name != "total" {
				t.Errorf("the other rule found %d of 2: %q", good, lines(found))
			}
		})
	}
}

func TestCappedFunctions(t *testing.T) {
	t.Parallel()
	for _, call := range []string{
		`count(numbers.range(1, 1000000000)) > 0`, `count(numbers.range_step(1, 1000000000, 2)) > 0`,
		`count(replace(long, "a", long)) > 0`, `count(strings.replace_n({"a": long}, long)) > 0`, `count(regex.replace(long, "a", long)) > 0`,
		`bits.lsh(1, 100000000000) > 0`, `product([v | v := big; some _ in numbers.range(1, 10)]) * bits.lsh(1, 80000) > 0`,
	} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			text := ownRule("OWN-001", "shop.a", `long := concat("", [concat("", ["aaaaaaaaaa" | some _ in numbers.range(1, 10000)])])
big := to_number(concat("", ["1234567890" | some _ in numbers.range(1, 30)]))
findings contains {"message": "m"} if `+call)
			text = strings.ReplaceAll(text, `"aaaaaaaaaa" | some _ in`, `x | x := "aaaaaaaaaa"; some _ in`)
			text = strings.ReplaceAll(text, `"1234567890" | some _ in`, `x | x := "1234567890"; some _ in`)
			conftest := "package main\n\nlong := data.shop.a.long\n\nbig := data.shop.a.big\n\ndeny contains \"m\" if " + call
			got, err := findOwn(t, graphOf(written("web", `{}`)), map[string]string{"a.rego": text, "b.rego": conftest})
			if len(got) > 0 || err == nil || strings.Count(err.Error(), "the result would be too large") != 2 {
				t.Errorf("found %q, error %v", got, err)
			}
		})
	}
}

// TestCancelledRunStopsNothing: a run that ends is no fault of the rule.
func TestCancelledRunStopsNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	checkers := own(t, map[string]string{"a.rego": ownRule("OWN-001", "shop.a", `findings contains {"message": "m"}`)}).Checkers(testLimits(), everything)
	if _, err := check(ctx, shop(), checkers); err == nil || strings.Contains(err.Error(), "OWN-001") {
		t.Errorf("error %v", err)
	}
	if found, err := check(t.Context(), shop(), checkers); err != nil || len(found) != 2 {
		t.Errorf("found %d, error %v", len(found), err)
	}
}

func FuzzParsePolicies(f *testing.F) {
	f.Add(ownRule("OWN-001", "shop.a", `findings contains {"message": "m"}`), "a: 1")
	f.Add("package main\n\ndeny[msg] { msg := \"a\" }", "[1]")
	f.Add("package main\n\nexception contains [1]\n\ndeny contains 1\n\nwarn.a contains 2", "{")
	f.Add("package a[\"b c\"].d\n\nwarn_x := 1", "a: &a [*a]")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, rego, data string) {
		p, err := ParsePolicies([]File{{Name: "a.rego", Text: []byte(rego)}, {Name: "x/a.yaml", Dir: []string{"x"}, Text: []byte(data)}})
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without a text")
			}
			return
		}
		limits := testLimits()
		limits.Evaluation = 100 * time.Millisecond
		_, _ = check(t.Context(), graphOf(written("web", `{"spec": {}}`)), p.Checkers(limits, everything))
	})
}

// TestListsAreNoWarning: a list of messages is a form that conftest's manual uses.
func TestListsAreNoWarning(t *testing.T) {
	t.Parallel()
	p := own(t, map[string]string{"a.rego": "package main\n\nviolation := [{\"msg\": \"m\"}] if input.spec\n\ndefault deny := false\n\ndeny_x := {m | m := \"a\"}"})
	if len(p.Warnings()) > 0 {
		t.Errorf("warnings %q", p.Warnings())
	}
}

func TestTestResults(t *testing.T) {
	t.Parallel()
	p := own(t, map[string]string{
		"a.rego":      "package a\n\nx if input.y\n\nz if input.never\n",
		"a_test.rego": "package a_test\n\nimport data.a\n\ntest_x if a.x with input as {\"y\": 1}\n\ntest_fails if a.x with input as {}\n\ntest_endless if {\n\tsome i in numbers.range(1, 3000)\n\tsome j in numbers.range(1, 3000)\n\ti * j < 0\n}\n",
	})
	limits := testLimits()
	limits.Evaluation = 200 * time.Millisecond
	tests, coverage, err := p.Test(t.Context(), limits, "")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range tests {
		got = append(got, r.Name+" "+r.At+" "+r.Failure)
	}
	want := []string{"a_test.test_endless a_test.rego:9:1 stopped: more than 200ms", "a_test.test_fails a_test.rego:7:1 failed", "a_test.test_x a_test.rego:5:1 "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Coverage{{File: "a.rego", Percent: 50, Uncovered: [][2]int{{5, 5}}}}, coverage); diff != "" {
		t.Error(diff)
	}
	if tests, _, err := p.Test(t.Context(), limits, `test_x$`); err != nil || len(tests) != 1 {
		t.Errorf("%d tests, error %v", len(tests), err)
	}
}
