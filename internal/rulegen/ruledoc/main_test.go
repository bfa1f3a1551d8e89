package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
	"github.com/ekslint/ekslint/rules"
)

func file(id, path string, edit ...func(*rules.File)) rules.File {
	category, _, _ := strings.Cut(path, "/")
	f := rules.File{Path: path, Meta: rule.Meta{
		ID: id, Title: "a | b", Category: category, Description: "It fires.\n\nIt is silent.", Rationale: "Packets vanish.",
		Remediation: "Mend it.", Severity: rule.Error, SecuritySeverity: 8, Kinds: []string{"Ingress", "Service"},
		Needs: model.Services | model.Workloads, Refs: []string{"https://example.com/a"}, Since: "0.1.0",
	}}
	for _, e := range edit {
		e(&f)
	}
	return f
}

// tree writes files below a new folder and returns it.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		full := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

const wantPage = marker + `# ING-001: a | b

| | |
|---|---|
| Severity | error |
| Security severity | 8.0 |
| Category | ingress |
| Kinds | Ingress, Service |
| Needs to know | workloads, services |
| Language | Rego ([source](../../rules/ingress/a.rego)) |
| Since | 0.1.0 |

## Description

It fires.

It is silent.

## Why it matters

Packets vanish.

## How to fix

Mend it.

## Example

` + "`README.md`" + `

` + "````text" + `
` + "```" + `
code
` + "```" + `
` + "````" + `

` + "`big.json`" + ` (not shown)

` + "`sub/x.yaml`" + `

` + "```yaml" + `
kind: Ingress
` + "```" + `

ekslint reports:

` + "```text" + `
sub/x.yaml:1:1: broken [ING-001]
` + "```" + `

## References

- <https://example.com/a>
`

const wantIndex = marker + `# Rules

2 rules. A finding's severity is at most that of its rule.

| ID | Finds | Severity | Category | Language |
|---|---|---|---|---|
| [ING-001](ING-001.md) | a \| b | error | ingress | Rego |
| [SVC-001](SVC-001.md) | a \| b | error | service | Go |
`

func TestRun(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{
		"testdata/rules/ING-001/bad/README":         "not a case",
		"testdata/rules/ING-001/bad/one/sub/x.yaml": "kind: Ingress\n",
		"testdata/rules/ING-001/bad/one/README.md":  "```\ncode\n```\n",
		"testdata/rules/ING-001/bad/one/big.json":   strings.Repeat(" ", maxExample+1),
		"testdata/rules/ING-001/bad/one/want.txt":   "sub/x.yaml:1:1: broken [ING-001]\n",
		"testdata/rules/ING-001/bad/two/other.yaml": "kind: Other\n",
		"testdata/rules/ING-001/good/one/good.yaml": "kind: Good\n",
		docsFolder + "/OLD-001.md":                  marker + "old",
		docsFolder + "/guide.md":                    "by hand",
		docsFolder + "/picture.svg":                 marker,
	})
	files := []rules.File{file("ING-001", "ingress/a.rego"), file("SVC-001", "service/b.go")}
	for range 2 { // the second run finds what the first wrote
		if err := run(dir, files); err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]string{"ING-001.md": wantPage, "README.md": wantIndex, "guide.md": "by hand", "picture.svg": marker} {
			if diff := cmp.Diff(want, read(t, dir, docsFolder+"/"+name)); diff != "" {
				t.Errorf("%s:\n%s", name, diff)
			}
		}
		if strings.Contains(read(t, dir, docsFolder+"/SVC-001.md"), "## Example") {
			t.Error("an example without a case")
		}
		if _, err := os.Stat(filepath.Join(dir, docsFolder, "OLD-001.md")); !os.IsNotExist(err) {
			t.Errorf("the page of a rule that is gone is kept: %v", err)
		}
	}
}

func TestRunWritesNothingWhenCheckFails(t *testing.T) {
	t.Parallel()
	dir := tree(t, nil)
	if err := run(dir, []rules.File{file("ING-001", "ingress/a.go"), file("ING-001", "ingress/b.go")}); err == nil {
		t.Error("no error")
	}
	if _, err := os.Stat(filepath.Join(dir, "docs")); !os.IsNotExist(err) {
		t.Errorf("docs: %v", err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		files []rules.File
		want  string
	}{
		"good":        {[]rules.File{file("ING-001", "ingress/a.go"), file("ING-002", "ingress/b.rego")}, ""},
		"twice":       {[]rules.File{file("ING-001", "ingress/a.go"), file("ING-001", "ingress/b.go")}, "rules/ingress/b.go: ING-001 is also the ID of rules/ingress/a.go"},
		"order":       {[]rules.File{file("ING-002", "ingress/a.go"), file("ING-001", "ingress/b.go")}, "rules/ingress/b.go: ING-001 stands after ING-002"},
		"form":        {[]rules.File{file("ing1", "ingress/a.go")}, `ID "ing1" is not of the form`},
		"folder":      {[]rules.File{file("ING-001", "ingress/a.go", func(f *rules.File) { f.Meta.Category = "service" })}, `category "service": want the folder, ingress`},
		"kinds":       {[]rules.File{file("ING-001", "ingress/a.go", func(f *rules.File) { f.Meta.Kinds = nil })}, ""},
		"incomplete":  {[]rules.File{file("ING-001", "ingress/a.go", func(f *rules.File) { f.Meta.Rationale = "" })}, "metadata lacks rationale"},
		"score":       {[]rules.File{file("ING-001", "ingress/a.go", func(f *rules.File) { f.Meta.SecuritySeverity = 11 })}, "security severity 11"},
		"all at once": {[]rules.File{file("ING-001", "ingress/a.go", func(f *rules.File) { f.Meta.Rationale, f.Meta.SecuritySeverity = "", 11 })}, "lacks rationale\nrules/ingress/a.go: security severity 11"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := Check(tc.files)
			switch {
			case tc.want == "" && err != nil:
				t.Error(err)
			case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)):
				t.Errorf("error %v, want one with %q", err, tc.want)
			}
		})
	}
}

// TestBuiltInRules holds the rules that ship to what Check asks.
func TestBuiltInRules(t *testing.T) {
	t.Parallel()
	if err := Check(rules.Files()); err != nil {
		t.Error(err)
	}
}
