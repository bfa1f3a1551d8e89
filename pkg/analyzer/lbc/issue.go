package lbc

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// By names who refuses a value. The zero value is the controller.
type By uint8

// The parties that look at a value, in no particular order.
const (
	Controller By = iota
	APIServer
	AWS
)

// String is "controller", "API server" or "AWS".
func (b By) String() string {
	switch b {
	case Controller:
		return "controller"
	case APIServer:
		return "API server"
	case AWS:
		return "AWS"
	default:
		return "unknown"
	}
}

// Issue is one thing wrong with a value. It names neither the object nor the
// annotation: the caller knows both.
type Issue struct {
	// Message is one line: what is wrong with the value, and what is accepted.
	Message string
	// Path leads to the place inside a JSON value, such as
	// "forwardConfig.targetGroups[1].weight", or is the key inside a map. It is
	// empty when the value as a whole is meant.
	Path string
	// Suggestion is the accepted word that was most likely meant, or "". The
	// message mentions it too.
	Suggestion string
	// By is who refuses the value, or who would.
	By By
	// Soft is false when the value is refused, so that the object is not built.
	// It is true when the controller accepts the value and it is AWS that may
	// refuse it, or when the value takes effect differently than it reads.
	Soft bool
	// Widens is true when the mistake lets more traffic through than the value
	// reads, which makes it a security matter.
	Widens bool
}

// Refused reports whether one of the issues is a refusal, not only a warning.
func Refused(issues []Issue) bool {
	for _, issue := range issues {
		if !issue.Soft {
			return true
		}
	}
	return false
}

// at is a refusal by the controller at a place inside a value.
func at(path, format string, args ...any) Issue {
	return Issue{Path: path, Message: fmt.Sprintf(format, args...), By: Controller}
}

// softAt is a warning about a place inside a value.
func softAt(by By, path, format string, args ...any) Issue {
	return Issue{Path: path, Message: fmt.Sprintf(format, args...), By: by, Soft: true}
}

// quote shows a value in a message, cut when it is long. A value is foreign
// text, so control characters are escaped.
func quote(value string) string {
	const most = 60
	if utf8.RuneCountInString(value) <= most {
		return fmt.Sprintf("%q", value)
	}
	return fmt.Sprintf("%.*q...", most, value)
}

// oneOf lists accepted words: "a", "a or b", "a, b or c".
func oneOf(words []string) string {
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0]
	default:
		last := len(words) - 1
		return strings.Join(words[:last], ", ") + " or " + words[last]
	}
}

// withSuggestion adds "did you mean" when one of words is close to got.
func withSuggestion(issue Issue, got string, words []string) Issue {
	word, _ := nearest(got, words)
	if word == "" {
		return issue
	}
	issue.Suggestion = word
	issue.Message += fmt.Sprintf("; did you mean %s?", quote(word))
	return issue
}
