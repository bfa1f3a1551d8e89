package regorule

import (
	"fmt"
)

// Error is the failure of one rule. The other rules of the same kind have been
// evaluated all the same.
type Error struct {
	RuleID string
	Err    error
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("rule %s: %v", e.RuleID, e.Err) }

// Rule returns the ID of the rule that failed.
func (e *Error) Rule() string { return e.RuleID }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
