package lbc

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
)

// decode reads JSON as the controller does, with encoding/json: keys match
// without regard to case, unknown keys are skipped, the last of equal keys wins.
func decode[T any](value string) (T, *Issue) {
	var into T
	err := json.Unmarshal([]byte(value), &into)
	if err == nil {
		return into, nil
	}
	var zero T
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) {
		issue := typeIssue(wrongType)
		return zero, &issue
	}
	if strings.TrimSpace(value) == "" {
		issue := at("", "the value is empty, which is not JSON")
		return zero, &issue
	}
	issue := at("", "%s is not JSON: %v", quote(value), err)
	return zero, &issue
}

// typeIssue puts a decoding error into the words of a person who writes JSON.
func typeIssue(err *json.UnmarshalTypeError) Issue {
	got, want := jsonWord(err.Value), goWord(err.Type)
	if err.Field == "" {
		return at("", "the value is %s, not %s", got, want)
	}
	return at(err.Field, "%s is %s, not %s", err.Field, got, want)
}

func jsonWord(value string) string {
	kind, _, _ := strings.Cut(value, " ")
	switch kind {
	case "object":
		return "an object"
	case "array":
		return "a list"
	case "bool":
		return "true or false"
	case "number":
		if kind != value {
			return "the " + value
		}
		return "a number"
	default:
		return "a " + kind
	}
}

func goWord(t reflect.Type) string {
	if t == reflect.TypeFor[ServicePort]() {
		return "a number or a string"
	}
	switch t.Kind() {
	case reflect.Slice:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a string"
	default:
		return "a whole number in range"
	}
}
