package tfhcl

import (
	"embed"
	"path"
	"strings"
)

// known holds modules that stand for well-known ones whose source is not among
// the files: what those make of their inputs, as far as it matters here.
//
//go:embed known
var known embed.FS

// standIns are the folders of known by the address of the module in the public
// registry: https://registry.terraform.io/namespaces/terraform-aws-modules
var standIns = map[string]string{
	"terraform-aws-modules/vpc/aws": "known/vpc",
	"terraform-aws-modules/eks/aws": "known/eks",
}

// standIn is the module that stands for a source; nil when there is none.
func (s *Source) standIn(source string) *module {
	dir, found := standIns[strings.TrimPrefix(source, "registry.terraform.io/")]
	if !found {
		return nil
	}
	// No folder of the input has this name, as it is no valid path.
	key := "/" + dir
	if m := s.modules[key]; m != nil {
		return m
	}
	entries, err := known.ReadDir(dir)
	if err != nil {
		return nil
	}
	files := map[string][]byte{}
	for _, e := range entries {
		if text, err := known.ReadFile(path.Join(dir, e.Name())); err == nil {
			files[e.Name()] = text
		}
	}
	m, _ := parse(dir, files)
	s.modules[key] = m
	return m
}
