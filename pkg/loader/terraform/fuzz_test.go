package terraform_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/loadertest"
	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/loader/terraform"
	"github.com/ekslint/ekslint/pkg/model"
)

// FuzzLoad: no attributes make it panic, whichever resource they are of, and every
// place lies in the file.
func FuzzLoad(f *testing.F) {
	f.Add(`{"vpc_id": "vpc-1", "ingress": [{"protocol": "tcp", "from_port": 1, "cidr_blocks": ["10.0.0.0/8"], "self": true}], "egress": [null, 1]}`)
	f.Add(`{"route": [{"cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"}], "subnet_id": ["s"], "tags": {"Name": 1}, "tags_all": []}`)
	f.Add(`{"vpc_config": [{"subnet_ids": "x", "public_access_cidrs": {}}], "name": true, "selector": {}, "taint": [[]], "launch_template": [{"name": "n"}]}`)
	names, err := filepath.Glob("testdata/*.tf")
	if err != nil || len(names) == 0 {
		f.Fatal("no cases", err)
	}
	var types []string
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		types = append(types, resourceTypes(string(text))...)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := syntax.ParseJSON([]byte(text))
		if err != nil {
			t.Skip()
		}
		var resources []terraform.Resource
		for _, typ := range types {
			for _, exists := range []bool{false, true} {
				resources = append(resources, terraform.Resource{Type: typ, Address: typ + ".x", Attributes: attr.FromJSON(n, "f.json", 0), Exists: exists})
			}
		}
		aws, problems := terraform.Load("f.json", resources)
		check := func(s model.Span) {
			if s.Start < 0 || s.End < s.Start || s.End > len(text) {
				t.Errorf("%v is not in the file", s)
			}
		}
		loadertest.Spans(aws, check)
		for _, p := range problems {
			check(p.At)
		}
	})
}

var declared = regexp.MustCompile(`(?m)^resource "(\w+)"`)

// resourceTypes are the types of the resources in configuration.
func resourceTypes(text string) []string {
	var out []string
	for _, m := range declared.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}
