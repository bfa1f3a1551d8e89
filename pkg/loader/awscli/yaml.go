package awscli

import (
	"bytes"
	"regexp"
	"slices"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/syntax"
)

// topLevel matches a key at the begin of a line of YAML, with a list as ec2 has it
// or an object as eks has.
var topLevel = regexp.MustCompile(`(?m)^(?:([A-Z][A-Za-z]*):[ \t]*\r?\n[ \t]*- |([a-z][A-Za-z]*):[ \t]*\r?\n[ \t]+[a-z]|(apiVersion):)`)

// claimsYAML is Claims for what --output yaml prints:
// https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-output-format.html#yaml-output
func claimsYAML(text []byte) bool {
	marked := slices.DeleteFunc(sections(), func(s section) bool { return !bytes.Contains(text, []byte(" "+s.mark+":")) })
	if len(marked) == 0 {
		return false
	}
	var keys []string
	for _, m := range topLevel.FindAllSubmatch(text, -1) {
		keys = append(keys, string(slices.Concat(m[1], m[2], m[3])))
	}
	return !slices.Contains(keys, "apiVersion") &&
		slices.ContainsFunc(marked, func(s section) bool { return slices.Contains(keys, s.key) })
}

// parse returns the answers in the text of a file, those that come before what is
// not valid.
func parse(name string, text []byte) (format string, answers []*attr.Value, _ error) {
	if isJSON(text) {
		nodes, err := syntax.ParseJSONStream(text)
		for _, n := range nodes {
			answers = append(answers, attr.FromJSON(n, name, 0))
		}
		return "JSON", answers, err //nolint:wrapcheck // the caller asks for *syntax.Error
	}
	n, err := syntax.ParseYAML(text)
	if n != nil {
		answers = append(answers, attr.FromYAML(n, name, 0))
	}
	return "YAML", answers, err //nolint:wrapcheck // as above
}

// isJSON reports whether the first byte that is not blank opens an object.
func isJSON(text []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(bytes.TrimPrefix(text, []byte("\ufeff")), " \t\r\n"), []byte("{"))
}
