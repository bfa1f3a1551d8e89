package rule

import "fmt"

// Severity grades the harm of a finding, never the confidence in it. The zero
// value is no severity.
type Severity uint8

// The severities, in rising order. The words are those of SARIF levels.
const (
	Note Severity = iota + 1
	Warning
	Error
)

// String is "note", "warning" or "error".
func (s Severity) String() string {
	switch s {
	case Note:
		return "note"
	case Warning:
		return "warning"
	case Error:
		return "error"
	default:
		return "none"
	}
}

// ParseSeverity reads the words of String.
func ParseSeverity(word string) (Severity, error) {
	for s := Note; s <= Error; s++ {
		if s.String() == word {
			return s, nil
		}
	}
	return 0, fmt.Errorf("unknown severity %q: want note, warning or error", word)
}

// MarshalText implements encoding.TextMarshaler with the words of String.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
