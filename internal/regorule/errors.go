package regorule

import (
	"fmt"
	"strings"
)

// Error is the failure of one rule. The other rules of the same kind have been
// evaluated all the same.
type Error struct {
	RuleID string
	Err    error
}

// mostText bounds the text of an error, which may hold the values of a rule.
const mostText = 1000

// Error implements error.
func (e *Error) Error() string {
	text := fmt.Sprintf("rule %s: %v", e.RuleID, e.Err)
	if len(text) > mostText {
		return strings.ToValidUTF8(text[:mostText], "") + "…"
	}
	return text
}

// Rule returns the ID of the rule that failed.
func (e *Error) Rule() string { return e.RuleID }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
