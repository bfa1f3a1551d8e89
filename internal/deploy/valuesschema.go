package deploy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"

	"github.com/ekslint/ekslint/internal/config"
	"github.com/ekslint/ekslint/internal/ruleset"
)

// The lines of the schema of the values that are made: what the value config may be, and
// what of that stands in several places.
var (
	configLine = regexp.MustCompile(`(?m)^    "config": .*,$`)
	defsLine   = regexp.MustCompile(`(?m)^  "\$defs": .*,$`)
)

// ValuesSchema returns the schema of the values of the chart, in which the value config is
// what the config of ekslint may be.
func ValuesSchema(written []byte) ([]byte, error) {
	text, err := config.Schema(ruleset.Metas())
	if err != nil {
		return nil, err
	}
	var root map[string]any
	if err := json.Unmarshal(text, &root); err != nil {
		return nil, fmt.Errorf("schema of the config: %w", err)
	}
	defs := root["$defs"]
	for _, key := range []string{"$defs", "$id", "$schema", "title"} {
		delete(root, key)
	}
	for _, line := range []struct {
		pattern *regexp.Regexp
		name    string
		value   any
	}{{configLine, `    "config": `, root}, {defsLine, `  "$defs": `, defs}} {
		if n := len(line.pattern.FindAll(written, -1)); n != 1 {
			return nil, fmt.Errorf("schema of the values: %d lines%s", n, line.name)
		}
		var value bytes.Buffer
		encoder := json.NewEncoder(&value)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(line.value); err != nil {
			return nil, fmt.Errorf("schema of the values: %w", err)
		}
		written = line.pattern.ReplaceAllLiteral(written, fmt.Appendf(nil, "%s%s,", line.name, bytes.TrimSpace(value.Bytes())))
	}
	return written, nil
}
