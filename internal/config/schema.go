package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

const (
	schemaURI   = "https://json-schema.org/draft/2020-12/schema"
	schemaID    = "https://raw.githubusercontent.com/ekslint/ekslint/main/schema/ekslint.schema.json"
	ruleComment = "Where a config has rules of its own, names of rules are looked up by ekslint alone."
)

// schema is a JSON Schema, or a part of one.
type schema map[string]any

// Schema returns the JSON Schema (draft 2020-12) of configs for the given rules.
func Schema(metas []rule.Meta) ([]byte, error) {
	b := schemaBuilder{names: namesOf(metas), defs: schema{}}
	root := b.of(reflect.TypeFor[Config](), field{})
	root["$schema"] = schemaURI
	root["$id"] = schemaID
	root["title"] = "Config of ekslint (" + Name + ")"
	b.property(root, "rules", "params")["properties"] = paramsOf(metas)
	root["$comment"] = ruleComment
	root["if"] = schema{
		"properties": schema{"rules": schema{"properties": schema{"dirs": schema{"type": "array", "minItems": 1}}, "required": []string{"dirs"}}},
		"required":   []string{"rules"},
		"type":       "object",
	}
	root["else"] = b.namesOnly(reflect.TypeFor[Config](), nil)
	root["$defs"] = b.defs
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(root); err != nil {
		return nil, fmt.Errorf("encode schema: %w", err)
	}
	return out.Bytes(), nil
}

// schemaBuilder makes schemas; defs are those that stand in several places.
type schemaBuilder struct {
	names names
	defs  schema
}

// known is the schema of the names of some kinds.
func (b schemaBuilder) known(kinds []string) schema {
	name := strings.ReplaceAll(strings.Join(kinds, "Or"), "*", "All")
	b.defs[name] = schema{"enum": b.names.of(kinds)}
	return schema{"$ref": "#/$defs/" + name}
}

// of is the schema of a type; f holds what the field's tags say.
func (b schemaBuilder) of(t reflect.Type, f field) schema {
	out := b.plain(t, f)
	if f.doc != "" {
		out["description"] = f.doc
	}
	return out
}

func (b schemaBuilder) plain(t reflect.Type, f field) schema {
	switch t {
	case reflect.TypeFor[Date]():
		return schema{"type": "string", "format": "date", "pattern": dateText}
	case reflect.TypeFor[Age]():
		return schema{"type": "string", "pattern": ageText}
	case reflect.TypeFor[Object]():
		object := b.object(t)
		object["type"] = "object"
		object["minProperties"] = 1
		return schema{"anyOf": []schema{{"type": "string", "pattern": objectText}, object}}
	case reflect.TypeFor[Suppression]():
		out := b.object(t)
		out["anyOf"] = []schema{{"required": []string{"path"}}, {"required": []string{"object"}}}
		return out
	}
	switch t.Kind() {
	case reflect.Struct:
		return b.object(t)
	case reflect.Map:
		return schema{"type": []string{"object", "null"}, "additionalProperties": b.plain(t.Elem(), field{enum: f.enum})}
	case reflect.Slice:
		out := schema{"type": []string{"array", "null"}, "items": b.plain(t.Elem(), field{enum: f.enum})}
		if f.required {
			out["type"], out["minItems"] = "array", 1
		}
		return out
	case reflect.Bool:
		return schema{"type": "boolean"}
	case reflect.Int:
		return schema{"type": "integer", "minimum": 0}
	case reflect.Interface:
		return schema{"type": []string{"string", "number", "boolean", "array"}, "items": schema{"type": []string{"string", "number", "boolean"}}}
	default:
		return word(f)
	}
}

func word(f field) schema {
	out := schema{"type": "string"}
	if f.enum != "" {
		out["enum"] = strings.Split(f.enum, ",")
	}
	if f.required {
		out["pattern"] = `\S`
	}
	return out
}

// object is the schema of a struct.
func (b schemaBuilder) object(t reflect.Type) schema {
	properties := schema{}
	var required []string
	for _, f := range fieldsOf(t) {
		properties[f.key] = b.of(f.typ, f)
		if f.required {
			required = append(required, f.key)
		}
	}
	out := schema{"type": []string{"object", "null"}, "properties": properties, "additionalProperties": false}
	if required != nil {
		out["type"], out["required"] = "object", required
	}
	return out
}

// namesOnly is a schema that limits names to those that are known; nil where
// the type holds none.
func (b schemaBuilder) namesOnly(t reflect.Type, kinds []string) schema {
	switch t.Kind() {
	case reflect.Struct:
		properties := schema{}
		for _, f := range fieldsOf(t) {
			if s := b.namesOnly(f.typ, f.names); s != nil {
				properties[f.key] = s
			}
		}
		if len(properties) == 0 {
			return nil
		}
		return schema{"properties": properties}
	case reflect.Slice:
		if items := b.namesOnly(t.Elem(), kinds); items != nil {
			return schema{"items": items}
		}
	case reflect.Map:
		if len(kinds) > 0 {
			return schema{"propertyNames": b.known(kinds)}
		}
	case reflect.String:
		if len(kinds) > 0 {
			return b.known(kinds)
		}
	default:
	}
	return nil
}

// property is the schema of a key that is there.
func (b schemaBuilder) property(s schema, keys ...string) schema {
	for _, key := range keys {
		properties, _ := s["properties"].(schema)
		s, _ = properties[key].(schema)
	}
	return s
}

// paramsOf are the schemas of the parameters of each rule that has any.
func paramsOf(metas []rule.Meta) schema {
	out := schema{}
	for _, m := range metas {
		properties := schema{}
		for _, p := range m.Params {
			properties[p.Name] = paramSchema(p)
		}
		out[m.ID] = schema{"type": []string{"object", "null"}, "description": m.Title, "properties": properties, "additionalProperties": false}
	}
	return out
}

func paramSchema(p rule.Param) schema {
	out := schema{"description": p.Description, "default": p.Default}
	switch p.Default.(type) {
	case int:
		out["type"] = "integer"
	case bool:
		out["type"] = "boolean"
	case string:
		out["type"] = "string"
	case []int:
		out["type"], out["items"] = "array", schema{"type": "integer"}
	case []string:
		out["type"], out["items"] = "array", schema{"type": "string"}
	}
	return out
}
