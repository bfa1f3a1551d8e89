package analyzer

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// fingerprint identifies a fault by rule, object, place in the object and the
// rule's own key. List elements are named by their merge key, so inserting an
// element before changes nothing. The cluster and the file do not enter: two
// overlays of one base have the same fault.
func fingerprint(f rule.Finding) string {
	ref := f.Subject
	parts := []string{f.RuleID, ref.Group, ref.Kind, ref.Namespace, ref.Name, stablePath(f.At), f.Key}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// stablePath writes the path with merge keys in place of indexes.
func stablePath(at rule.Place) string {
	if at.Resource == nil || len(at.Path) == 0 {
		return at.Path.String()
	}
	var value any
	if slices.ContainsFunc(at.Path, model.IsIndex) {
		if text, err := json.Marshal(at.Resource.Object); err == nil {
			_ = json.Unmarshal(text, &value) // an object that cannot be read back has no keys to name
		}
	}
	out := make(model.Path, 0, len(at.Path))
	for i, elem := range at.Path {
		if _, isLine := model.LineOf(elem); isLine {
			break // lines move
		}
		switch v := value.(type) {
		case map[string]any:
			value = v[elem]
		case []any:
			n, err := strconv.Atoi(elem)
			if err != nil || n < 0 || n >= len(v) {
				value = nil
				break
			}
			value = v[n]
			elem = elementName(value, i == len(at.Path)-1)
		default:
			value = nil
		}
		out = append(out, elem)
	}
	return strings.Join(out, "/")
}

// mergeKeys are the fields that name an element of a Kubernetes list.
var mergeKeys = []string{"name", "containerPort", "port", "host", "path", "key", "ip", "cidr", "type"}

// elementName names a list element by its merge key, else by its content where the
// path ends with it. What lies deeper is not named by what stands beside it.
func elementName(v any, isLast bool) string {
	if m, ok := v.(map[string]any); ok {
		for _, k := range mergeKeys {
			switch key := m[k].(type) {
			case string:
				return k + "=" + key
			case float64:
				return k + "=" + strconv.FormatFloat(key, 'f', -1, 64)
			}
		}
	}
	text, err := json.Marshal(v)
	if err != nil || !isLast {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}
