package cloudformation_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ekslint/ekslint/pkg/loader/cloudformation"
	"github.com/ekslint/ekslint/pkg/loader/loadertest"
	"github.com/ekslint/ekslint/pkg/model"
)

// TestGolden reads every type of resource and every function, from YAML with
// short forms and from what the CDK makes.
func TestGolden(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"all.yaml", "cdk.json", "open.yaml"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			if !cloudformation.Claims(text) {
				t.Error("it is not claimed")
			}
			part := cloudformation.Load(name, text)
			if len(part.Problems) > 0 {
				t.Errorf("problems: %v", part.Problems)
			}
			loadertest.Golden(t, filepath.Join("testdata", name+".golden"), loadertest.Dump(part.AWS, text)+notes(part.Notes))
		})
	}
}

func notes(all []model.Note) string {
	var out strings.Builder
	for _, n := range all {
		out.WriteString("note: " + n.Message + "\n")
	}
	return out.String()
}

func TestClaims(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"AWSTemplateFormatVersion: 2010-09-09\nResources: {}\n":       true,
		"\ufeff---\n\"AWSTemplateFormatVersion\" : '2010-09-09'\n":    true,
		"Resources:\n  A:\n    Type: AWS::EC2::VPC\n":                 true,
		"Resources:\r\n  A:\r\n    Type: \"AWS::EC2::VPC\"\r\n":       true,
		"Resources:\n  A: {\"Type\": \"AWS::EC2::VPC\"}\n":            false, // no version, and not as templates are written
		`{"AWSTemplateFormatVersion": "2010-09-09", "Resources": {}}`: true,
		`{"Resources": {"A": {"Type": "AWS::EC2::VPC"}}}`:             true,
		" \n{\"Resources\": {\"A\": {\"Type\": \"AWS::EC2::VPC\"":     true, // cut off: said when it is read
		"":                           false,
		"Resources:\n- a\n":          false,
		"Resources:\n  a: b # AWS\n": false,
		`{"Resources": [{"Type": "AWS::EC2::VPC"}]}`:                                                     false, // a list is what an API answers
		`{"Resources": {"A": {"Type": "x"}}, "b": "AWS::EC2::VPC"}`:                                      false,
		`{"a": {"Resources": {"A": {"Type": "AWS::EC2::VPC"}}}}`:                                         false,
		"apiVersion: v1\nkind: ConfigMap\ndata:\n  t: |\n    AWSTemplateFormatVersion: 2010-09-09\n":     false,
		"apiVersion: v1\nkind: X\nResources:\n  A:\n    Type: AWS::EC2::VPC\n":                           false,
		`{"apiVersion": "v1", "kind": "X", "AWSTemplateFormatVersion": "2010-09-09"}`:                    false,
		"{{- if .Values.a }}\nResources:\n  A:\n    Type: AWS::EC2::VPC\n{{- end }}\n":                   false,
		"Resources:\n{% for a in b %}\n  A:\n    Type: AWS::EC2::VPC\n{% endfor %}\n":                    false,
		"resources:\n  Resources:\n    A:\n      Type: AWS::EC2::VPC\n":                                  false,
		"Resources:\n  A:\n    Type: Custom::X\n    Properties:\n      Types: AWS::EC2::VPC\n":           false,
		"ResourcesX:\n  A:\n    Type: AWS::EC2::VPC\n":                                                   false,
		"# AWSTemplateFormatVersion: 2010-09-09\na: b\n":                                                 false,
		"TypeName: AWS::EC2::VPC\nResources: 1\n":                                                        false,
		`{"StackResources": [{"ResourceType": "AWS::EC2::VPC"}], "Resources": {"a": 1}}`:                 false,
		"Parameters:\n  A:\n    Type: AWS::EC2::VPC::Id\nResources:\n  B:\n    Type: AWS::EC2::Subnet\n": true,
	} {
		if got := cloudformation.Claims([]byte(text)); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

// TestCorpus reads what others have published. None of it is at fault.
func TestCorpus(t *testing.T) {
	t.Parallel()
	const root = "../../../../shared/corpus"
	if _, err := os.Stat(root); err != nil {
		t.Skipf("the corpus is not there: %v", err)
	}
	claimed := 0
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		if ext := filepath.Ext(name); ext != ".yaml" && ext != ".yml" && ext != ".json" && ext != ".template" {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		isTemplate := bytes.Contains(text, []byte("AWSTemplateFormatVersion"))
		if got := cloudformation.Claims(text); got != isTemplate {
			t.Errorf("%s is claimed: %v", name, got)
		} else if !got {
			return nil
		}
		claimed++
		part := cloudformation.Load(name, text)
		for _, p := range part.Problems {
			t.Errorf("%s: %s: %s", name, text[p.At.Start:p.At.End], p.Message)
		}
		checkSpans(t, name, text, part)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if claimed < 20 {
		t.Errorf("only %d files are claimed", claimed)
	}
}

func checkSpans(t *testing.T, name string, text []byte, part model.Fragment) {
	t.Helper()
	inside := func(s model.Span) {
		if s.File != name || s.Start < 0 || s.End < s.Start || s.End > len(text) {
			t.Errorf("span %v of a text of %d bytes", s, len(text))
		}
	}
	loadertest.Spans(part.AWS, inside)
	for _, p := range part.Problems {
		inside(p.At)
	}
}
