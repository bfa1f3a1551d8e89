package tfhcl

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// IsConfiguration reports whether a file is one that Terraform or OpenTofu reads by
// itself. Both pass over the configuration that editors hide:
// https://developer.hashicorp.com/terraform/language/files
func IsConfiguration(name string) bool {
	base := path.Base(name)
	return stem(base) != "" && !strings.HasPrefix(base, ".") || isVariables(base) || strings.HasSuffix(name, installedFile)
}

// stem is the name of a file with configuration without its extension, empty for
// other files.
func stem(name string) string {
	name, isTerraform := strings.CutSuffix(strings.TrimSuffix(name, ".json"), ".tf")
	name, isTofu := strings.CutSuffix(name, ".tofu")
	if !isTerraform && !isTofu {
		return ""
	}
	return name
}

// isVariables reports whether a file of values is read by itself:
// https://developer.hashicorp.com/terraform/language/values/variables#variable-definitions-tfvars-files
func isVariables(base string) bool {
	base = strings.TrimSuffix(base, ".json")
	return base == "terraform.tfvars" || strings.HasSuffix(base, ".auto.tfvars")
}

// IsValues reports whether a file has values of variables that Terraform reads
// only when it is told to.
func IsValues(name string) bool {
	return path.Ext(strings.TrimSuffix(name, ".json")) == ".tfvars" && !isVariables(path.Base(name))
}

// isOverride reports whether a file changes what others declare:
// https://developer.hashicorp.com/terraform/language/files/override
func isOverride(base string) bool {
	return stem(base) == "override" || strings.HasSuffix(stem(base), "_override")
}

// inReadingOrder sorts the files of a folder that are read: overrides come last, and
// terraform.tfvars before other values. OpenTofu passes over a *.tf beside a *.tofu
// of the same name:
// https://opentofu.org/docs/language/files/#opentofu-file-extensions
func inReadingOrder(files map[string][]byte) []string {
	names := slices.DeleteFunc(slices.Collect(maps.Keys(files)), func(base string) bool {
		rest, isTerraform := strings.CutPrefix(base, stem(base)+".tf")
		_, isReplaced := files[stem(base)+".tofu"+rest]
		return isTerraform && isReplaced && stem(base) != ""
	})
	isLast := func(base string) int {
		if isOverride(base) || strings.HasSuffix(strings.TrimSuffix(base, ".json"), ".auto.tfvars") {
			return 1
		}
		return 0
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(isLast(a)-isLast(b), strings.Compare(a, b)) })
	return names
}

// parseFile parses a file of configuration or values.
func parseFile(text []byte, name string) (*hclsyntax.Body, hcl.Diagnostics) {
	switch {
	case strings.HasSuffix(name, ".json") && stem(name) != "":
		return parseJSON(text, name)
	case strings.HasSuffix(name, ".json"):
		return parseValuesJSON(text, name)
	}
	if isTooDeep(text) {
		return &hclsyntax.Body{}, tooDeep(hcl.Range{Filename: name, Start: hcl.InitialPos, End: hcl.InitialPos})
	}
	file, diags := hclsyntax.ParseConfig(text, name, hcl.InitialPos)
	body, ok := file.Body.(*hclsyntax.Body)
	if !ok {
		body = &hclsyntax.Body{}
	}
	return body, diags
}

// maxDepth bounds the nesting of an expression, as syntax does that of a document. The
// parser calls itself for each level, without a bound of its own.
const maxDepth = 10_000

// isTooDeep reports whether a text may be nested deeper than that. It does not tell
// brackets in texts from others.
func isTooDeep(text []byte) bool {
	depth, signs, questions := 0, 0, 0
	for _, c := range text {
		switch c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth = max(0, depth-1)
		case '!', '-':
			signs++
		case '?':
			questions++
		case '\n':
			questions = 0
		}
		if c != '!' && c != '-' && c != ' ' {
			signs = 0
		}
		if depth+signs+questions > maxDepth {
			return true
		}
	}
	return false
}

func tooDeep(at hcl.Range) hcl.Diagnostics {
	return hcl.Diagnostics{{
		Severity: hcl.DiagError, Summary: "Too deep", Detail: "An expression is nested too deep to be read", Subject: &at,
	}}
}

// override returns blocks as the blocks of an override file change them. Of locals,
// which have no name, and of providers there may be more; what else has no counterpart
// is a part of something that is not among the files.
func (m *module) override(blocks, by hclsyntax.Blocks) hclsyntax.Blocks {
	for _, b := range by {
		i := slices.IndexFunc(blocks, func(of *hclsyntax.Block) bool {
			return of.Type == b.Type && len(b.Labels) > 0 && slices.Equal(of.Labels, b.Labels) &&
				literal(of.Body.Attributes["alias"]) == literal(b.Body.Attributes["alias"])
		})
		switch {
		case i >= 0:
			merged := *blocks[i]
			merged.Body = overrideBody(merged.Body, b.Body)
			blocks[i] = &merged
		case len(b.Labels) == 0 || b.Type == "provider":
			blocks = append(blocks, b)
		default:
			m.breakAt(span(b.DefRange()), "it overrides what is not among the files")
		}
	}
	return blocks
}

// overrideBody replaces each argument that is given, and all nested blocks of the
// types that are. Some names may be written as the one or the other.
func overrideBody(body, by *hclsyntax.Body) *hclsyntax.Body {
	given := map[string]bool{}
	for name := range by.Attributes {
		given[name] = true
	}
	for _, b := range by.Blocks {
		given[nestedType(b)] = true
	}
	out := *body
	out.Attributes = hclsyntax.Attributes{}
	maps.Copy(out.Attributes, by.Attributes)
	for name, a := range body.Attributes {
		if !given[name] {
			out.Attributes[name] = a
		}
	}
	out.Blocks = slices.DeleteFunc(slices.Clone(body.Blocks), func(b *hclsyntax.Block) bool { return given[nestedType(b)] })
	out.Blocks = append(out.Blocks, by.Blocks...)
	return &out
}

// nestedType is the type of the blocks that a nested block makes.
func nestedType(b *hclsyntax.Block) string {
	if b.Type == "dynamic" && len(b.Labels) == 1 {
		return b.Labels[0]
	}
	return b.Type
}
