package cloudformation

import (
	"bytes"
	"regexp"
	"slices"

	"github.com/ekslint/ekslint/pkg/loader/syntax"
)

const (
	versionKey   = "AWSTemplateFormatVersion"
	resourcesKey = "Resources"
)

// Claims reports whether the text of a file is a template: it says so by its
// format version, or has resources with the type of one.
func Claims(text []byte) bool {
	if !bytes.Contains(text, []byte("AWS")) {
		return false
	}
	if isJSON(text) {
		keys := syntax.TopLevelKeys(text)
		return !slices.Contains(keys, "apiVersion") && (slices.Contains(keys, versionKey) ||
			slices.Contains(keys, resourcesKey) && jsonResources.Match(text) && jsonType.Match(text))
	}
	keys := topLevelLines(text)
	return !keys.others && (keys.version || keys.resources && yamlType.Match(text))
}

var (
	jsonResources = regexp.MustCompile(`"Resources"\s*:\s*\{`)
	jsonType      = regexp.MustCompile(`"Type"\s*:\s*"AWS::`)
	yamlType      = regexp.MustCompile(`(?m)^[ \t]+["']?Type["']?[ \t]*:[ \t]*["']?AWS::`)
)

// isJSON reports whether the first byte that is not blank opens an object.
func isJSON(text []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(bytes.TrimPrefix(text, []byte("\ufeff")), " \t\r\n"), []byte("{")) &&
		!bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("{{"))
}

// sections are the keys that stand at the begin of a line of YAML. Those of
// others are a Kubernetes object, or text that is a template of YAML itself.
type sections struct{ version, resources, others bool }

func topLevelLines(text []byte) sections {
	var out sections
	for len(text) > 0 {
		line, rest, _ := bytes.Cut(text, []byte("\n"))
		text = rest
		switch {
		case isKey(line, versionKey):
			out.version = true
		case isKey(line, resourcesKey):
			out.resources = true
		case isKey(line, "apiVersion"), bytes.HasPrefix(line, []byte("{{")), bytes.HasPrefix(line, []byte("{%")):
			out.others = true
		}
	}
	return out
}

// isKey reports whether a line begins with a key, plain or quoted.
func isKey(line []byte, key string) bool {
	line = bytes.TrimPrefix(line, []byte("\ufeff"))
	if len(line) > 0 && (line[0] == '"' || line[0] == '\'') {
		line = line[1:]
	}
	rest, found := bytes.CutPrefix(line, []byte(key))
	rest = bytes.TrimLeft(rest, `"' `)
	return found && bytes.HasPrefix(rest, []byte(":"))
}
