package helm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"text/template"

	"github.com/BurntSushi/toml"
	"github.com/Masterminds/sprig/v3"
	goyaml "sigs.k8s.io/yaml/goyaml.v3"

	"sigs.k8s.io/yaml"
)

// functions are what a template may call, but for those that need the set of
// templates: https://helm.sh/docs/chart_template_guide/function_list/
// That no name is missing, and that each gives what Helm's gives, is tested against
// Helm's own engine.
func functions(c *chance) template.FuncMap {
	out := sprig.TxtFuncMap()
	// Helm removes these two, as a chart must not see the machine.
	delete(out, "env")
	delete(out, "expandenv")
	maps.Copy(out, conversions())
	maps.Copy(out, durations())
	maps.Copy(out, template.FuncMap{
		"required": required,
		"fail": func(message string) (string, error) {
			return "", &userError{"the chart's own check failed: " + message}
		},
		// No name is looked up, and no cluster is asked, as with `helm template`.
		"getHostByName": func(string) string { return "" },
		"lookup": func(_, _, _, _ string) map[string]any {
			c.asked = true
			return map[string]any{}
		},
	})
	if plain, ok := out["has"].(func(needle, list any) bool); ok {
		out["has"] = hasVersion(plain)
	}
	maps.Copy(out, c.functions())
	limit(out)
	return out
}

// userError holds a message that the author of a chart wrote for who installs it.
type userError struct{ message string }

// Error implements error.
func (e *userError) Error() string { return e.message }

func required(message string, value any) (any, error) {
	if text, isText := value.(string); value == nil || isText && text == "" {
		return value, &userError{"a required value is missing (--values or --set supplies it): " + message}
	}
	return value, nil
}

func conversions() template.FuncMap {
	return template.FuncMap{
		"toYaml": toYAML, "mustToYaml": mustToYAML, "toYamlPretty": toYAMLPretty,
		"fromYaml": fromYAML, "fromYamlArray": fromYAMLArray,
		"toJson": toJSON, "mustToJson": mustToJSON, "fromJson": fromJSON, "fromJsonArray": fromJSONArray,
		"toToml": toTOML, "mustToToml": mustToTOML, "fromToml": fromTOML,
	}
}

func toYAML(value any) string {
	text, err := mustToYAML(value)
	if err != nil {
		return ""
	}
	return text
}

func mustToYAML(value any) (string, error) {
	text, err := yaml.Marshal(value)
	return strings.TrimSuffix(string(text), "\n"), err
}

func toYAMLPretty(value any) string {
	var out bytes.Buffer
	encoder := goyaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(value); err != nil {
		return ""
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// fromYAML and its kin give the error as a value, under the key Error.
func fromYAML(text string) map[string]any {
	out := map[string]any{}
	if err := yaml.Unmarshal([]byte(text), &out); err != nil {
		out["Error"] = err.Error()
	}
	return out
}

func fromYAMLArray(text string) []any {
	out := []any{}
	if err := yaml.Unmarshal([]byte(text), &out); err != nil {
		return []any{err.Error()}
	}
	return out
}

func toJSON(value any) string {
	text, err := mustToJSON(value)
	if err != nil {
		return ""
	}
	return text
}

func mustToJSON(value any) (string, error) {
	text, err := json.Marshal(value)
	return string(text), err
}

func fromJSON(text string) map[string]any {
	out := map[string]any{}
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		out["Error"] = err.Error()
	}
	return out
}

func fromJSONArray(text string) []any {
	out := []any{}
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		return []any{err.Error()}
	}
	return out
}

func toTOML(value any) string {
	text, err := mustToTOML(value)
	if err != nil {
		return err.Error()
	}
	return text
}

func mustToTOML(value any) (string, error) {
	var out bytes.Buffer
	err := toml.NewEncoder(&out).Encode(value)
	return out.String(), err
}

func fromTOML(text string) map[string]any {
	out := map[string]any{}
	if err := toml.Unmarshal([]byte(text), &out); err != nil {
		out["Error"] = err.Error()
	}
	return out
}

// noTemplateError is an include of what is defined nowhere.
type noTemplateError struct{ name string }

// Error implements error.
func (e *noTemplateError) Error() string { return fmt.Sprintf("no template %q is defined", e.name) }
