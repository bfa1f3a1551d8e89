package tfhcl_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/loadertest"
	"github.com/ekslint/ekslint/pkg/loader/terraform"
	"github.com/ekslint/ekslint/pkg/loader/tfhcl"
	"github.com/ekslint/ekslint/pkg/model"
)

// archive serves the files of a txtar archive.
func archive(a *txtar.Archive) tfhcl.Files {
	return func(dir string) (map[string][]byte, error) {
		out := map[string][]byte{}
		for _, f := range a.Files {
			if path.Dir(f.Name) == dir {
				out[path.Base(f.Name)] = f.Data
			}
		}
		if len(out) == 0 {
			return nil, fs.ErrNotExist
		}
		return out, nil
	}
}

// folder serves the files of a folder of the machine.
func folder(root string) tfhcl.Files {
	fsys := os.DirFS(root)
	return func(dir string) (map[string][]byte, error) {
		entries, err := fs.ReadDir(fsys, dir)
		out := map[string][]byte{}
		for _, e := range entries {
			if tfhcl.IsConfiguration(path.Join(dir, e.Name())) {
				text, readErr := fs.ReadFile(fsys, path.Join(dir, e.Name()))
				err = errors.Join(err, readErr)
				out[e.Name()] = text
			}
		}
		return out, err
	}
}

func dump(dir string, files tfhcl.Files, variables map[string]*attr.Value) string {
	source := tfhcl.NewSource(files)
	resources, notes := source.Load(dir, tfhcl.Inputs{Values: variables})
	var b strings.Builder
	for _, x := range resources {
		fmt.Fprintf(&b, "%s", x.Address)
		if x.Alias != "" {
			fmt.Fprintf(&b, " by %s", x.Alias)
		}
		for _, f := range x.Attributes.Fields {
			if f.Name != "tags_all" || strings.Contains(loadertest.Show(f.Value), "=") || f.Value.Kind == attr.Open {
				fmt.Fprintf(&b, " %s=%s", f.Name, loadertest.Show(f.Value))
			}
		}
		if x.Conditional != "" {
			fmt.Fprintf(&b, " # %s", x.Conditional)
		}
		b.WriteString("\n")
	}
	for _, n := range notes {
		fmt.Fprintf(&b, "note %s: %s\n", n.File, n.Message)
	}
	for _, p := range source.Problems() {
		fmt.Fprintf(&b, "problem %s %d-%d: %s\n", p.At.File, p.At.Start, p.At.End, p.Message)
	}
	return b.String()
}

// TestLanguage: testdata/language/*.txtar hold configuration and, as want, the
// resources that come of it.
func TestLanguage(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/language/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no cases", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var want string
			for _, f := range a.Files {
				if f.Name == "want" {
					want = string(f.Data)
				}
			}
			got := dump("root", archive(a), nil)
			if *loadertest.Update {
				a.Files = append(a.Files[:len(a.Files)-1], txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestVariables: what a plan states wins over files and defaults.
func TestVariables(t *testing.T) {
	t.Parallel()
	a := txtar.Parse([]byte(`
-- root/main.tf --
variable "name" { default = "default" }
variable "list" {}
resource "aws_vpc" "a" {
  tags = { Name = var.name, First = var.list[0] }
}
-- root/terraform.tfvars --
name = "file"
`))
	given := map[string]*attr.Value{
		"name": {Kind: attr.String, Text: "plan"},
		"list": {Kind: attr.List, Items: []*attr.Value{{Kind: attr.Number, Text: "7"}}},
	}
	got := dump("root", archive(a), given)
	if want := "aws_vpc.a tags={First=7 Name=plan} tags_all={First=7 Name=plan}\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestSpans: a value has the place where it is written, and what a module takes
// over that of its call.
func TestSpans(t *testing.T) {
	t.Parallel()
	a := txtar.Parse([]byte(`
-- root/main.tf --
module "net" {
  source = "../net"
  cidr   = "10.0.0.0/16"
}
module "far" { source = "example.com/far/aws" }
-- root/.terraform/modules/modules.json --
{"Modules": [{"Key": "far", "Dir": "../far"}]}
-- far/far.tf --
resource "aws_vpc" "far" { cidr_block = "10.1.0.0/16" }
-- net/net.tf --
variable "cidr" {}
resource "aws_vpc" "a" {
  cidr_block = var.cidr
  tags = { Name = "a" }
}
`))
	text := map[string]string{}
	for _, f := range a.Files {
		text[f.Name] = string(f.Data)
	}
	resources, _ := tfhcl.NewSource(archive(a)).Load("root", tfhcl.Inputs{})
	i := slices.IndexFunc(resources, func(r terraform.Resource) bool { return r.Address == "module.net.aws_vpc.a" })
	j := slices.IndexFunc(resources, func(r terraform.Resource) bool { return r.Address == "module.far.aws_vpc.far" })
	r, far := resources[i], resources[j]
	at := func(s model.Span) string { return s.File + " " + text[s.File][s.Start:s.End] }
	got := []string{at(r.At), at(r.Attributes.Get("cidr_block").At), at(r.Attributes.Get("tags").Get("Name").At), at(far.At), at(far.Attributes.Get("cidr_block").At)}
	want := []string{`net/net.tf resource "aws_vpc" "a"`, `root/main.tf "10.0.0.0/16"`, `net/net.tf "a"`, `root/main.tf module "far"`, `root/main.tf module "far"`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestCalls: only modules among the files, and each once.
func TestCalls(t *testing.T) {
	t.Parallel()
	a := txtar.Parse([]byte(`
-- a/b/main.tf --
module "x" { source = "../net" }
module "y" { source = "../net" }
module "z" { source = "./z" }
module "out" { source = "../../../x" }
module "far" { source = "terraform-aws-modules/vpc/aws" }
`))
	if diff := cmp.Diff([]string{"a/b/z", "a/net"}, tfhcl.NewSource(archive(a)).Calls("a/b")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := tfhcl.NewSource(archive(a)).Calls("none"); got != nil {
		t.Errorf("got %v", got)
	}
}

func TestIsConfiguration(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"main.tf": true, "a/main.tf.json": true, "a/main.tofu": true, "x.auto.tfvars": true, ".auto.tfvars": true, "~a.tf": true,
		"terraform.tfvars.json": true, "a/.terraform/modules/modules.json": true, "prod.tfvars": false, "main.tf~": false,
		".main.tf": false, "a/._main.tf.json": false, ".tf": false, "main.json": false,
	} {
		if got := tfhcl.IsConfiguration(name); got != want {
			t.Errorf("IsConfiguration(%q) = %v, want %v", name, got, want)
		}
	}
}
