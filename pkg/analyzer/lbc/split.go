package lbc

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// StringList splits a list the way the controller does: at commas, with spaces
// around items and empty items dropped. A value without items is nil, which the
// controller reads as not set.
func StringList(value string) []string {
	var items []string
	for item := range strings.SplitSeq(value, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// StringMap splits key=value pairs the way the controller does. A pair ends at a
// comma; a backslash takes the next character as it is, so "\," is a comma inside
// a value. Spaces around keys and values are dropped and the last of several
// equal keys wins. A value without pairs is an empty map. An item without "=" or
// without a key is an error that names the item.
func StringMap(value string) (map[string]string, error) {
	pairs := make(map[string]string)
	for _, item := range pairItems(value) {
		key, val, found := strings.Cut(item, "=")
		key = strings.TrimSpace(key)
		if !found {
			return nil, fmt.Errorf("item %s has no =: want key=value", quote(item))
		}
		if key == "" {
			return nil, fmt.Errorf("item %s has no key: want key=value", quote(item))
		}
		pairs[key] = strings.TrimSpace(val)
	}
	return pairs, nil
}

// pairItems cuts a map into its items. Two surprises are the controller's: a
// comma at the very end belongs to the last value, and an empty item between two
// commas stays, to fail later.
func pairItems(value string) []string {
	end := len(strings.TrimRightFunc(value, unicode.IsSpace))
	var items []string
	var item strings.Builder
	for i := 0; i < len(value); i++ {
		c := value[i]
		switch {
		case c == '\\' && i+1 < len(value):
			i++
			item.WriteByte(value[i])
		case c == ',' && i+1 < end:
			items = append(items, strings.TrimSpace(item.String()))
			item.Reset()
		default:
			item.WriteByte(c)
		}
	}
	if item.Len() > 0 {
		items = append(items, strings.TrimSpace(item.String()))
	}
	return items
}

// Bool reads a boolean the way the controller does: 1, t, T, TRUE, true, True
// and their opposites, with no space around them. It reports whether the value is
// one of these.
func Bool(value string) (val, ok bool) {
	val, err := strconv.ParseBool(value)
	return val, err == nil
}
