package lbc

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Check holds a value against the annotation's own syntax, and returns what is
// wrong with it, in the order of the value. It assumes that the value takes
// effect and is no placeholder.
//
// The annotations with a parser of their own are not checked here but by it:
// listen-ports (ListenPorts), actions (ParseAction), conditions
// (ParseConditions), transforms (ParseTransforms) and jwt-validation
// (ParseJWTValidation).
func Check(a Annotation, value string) []Issue {
	switch a.Type {
	case TypeString:
		return checkString(a, value)
	case TypeInteger:
		return checkInteger(a, value)
	case TypeBoolean:
		return checkBoolean(a, value)
	case TypeEnum:
		return checkEnum(a, value)
	case TypeStringList:
		return checkItems(a, StringList(value))
	case TypeStringMap:
		return checkMap(a, value)
	case TypeJSON:
		return checkJSON(a, value)
	case TypeHealthPort, TypeHealthPortNumber:
		return checkHealthPort(a, value)
	default:
		return nil
	}
}

// refusal is an issue about a value that does not parse: the controller refuses
// it whenever it reads the annotation.
func (a Annotation) refusal(format string, args ...any) Issue {
	return Issue{Message: fmt.Sprintf(format, args...), By: Controller, Soft: a.Conditional}
}

// violation is an issue about a value that parses but is not one of those
// accepted.
func (a Annotation) violation(format string, args ...any) Issue {
	issue := a.refusal(format, args...)
	issue.By = a.By
	issue.Soft = issue.Soft || a.By == AWS || a.Lenient
	return issue
}

func checkEnum(a Annotation, value string) []Issue {
	for _, word := range a.Enum {
		if value == word || a.FoldCase && strings.EqualFold(value, word) {
			return nil
		}
	}
	for _, word := range a.LegacyEnum {
		if value == word {
			return nil
		}
	}
	if value == "" && (a.By == AWS || a.Lenient) {
		return nil
	}
	issue := withSuggestion(a.violation("%s is not %s", quote(value), oneOf(a.Enum)), value, a.Enum)
	if a.Lenient && issue.Suggestion == "" {
		return nil // a word of another controller
	}
	return []Issue{issue}
}

func checkInteger(a Annotation, value string) []Issue {
	bits := 32
	if a.Wide {
		bits = 64
	}
	n, err := strconv.ParseInt(value, 10, bits)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return []Issue{a.refusal("%s is too large a number", quote(value))}
	case err != nil && isInteger(strings.TrimSpace(value)):
		return []Issue{a.refusal("%s has spaces around the number", quote(value))}
	case err != nil:
		return []Issue{a.refusal("%s is not a whole number", quote(value))}
	case outside(n, a.Min, a.Max):
		return []Issue{a.refusal("%d is outside %d to %d", n, a.Min, a.Max)}
	case outside(n, a.AWSMin, a.AWSMax):
		return []Issue{softAt(AWS, "", "%d is outside the %d to %d that AWS accepts", n, a.AWSMin, a.AWSMax)}
	default:
		return nil
	}
}

// outside reports whether n is out of bounds; two zeros are no bounds.
func outside(n, low, high int64) bool {
	return (low != 0 || high != 0) && (n < low || n > high)
}

func isInteger(text string) bool {
	_, err := strconv.ParseInt(text, 10, 32)
	return err == nil
}

func checkBoolean(a Annotation, value string) []Issue {
	if _, ok := Bool(value); ok {
		return nil
	}
	if a.Lenient {
		return []Issue{softAt(Controller, "", "%s is not true or false, and is read as false", quote(value))}
	}
	return []Issue{withSuggestion(a.refusal("%s is not true or false", quote(value)), value, []string{"true", "false"})}
}

func checkString(a Annotation, value string) []Issue {
	var issues []Issue
	if a.NonEmpty && value == "" {
		issues = append(issues, a.refusal("the value is empty"))
	}
	if a.MaxLen > 0 && len(value) > a.MaxLen {
		issues = append(issues, a.refusal("%s has %d characters, more than %d", quote(value), len(value), a.MaxLen))
	}
	if a.Regex == nil || value == "" && a.By == AWS {
		return issues
	}
	if !a.Regex.MatchString(shape(a, value)) {
		issues = append(issues, a.violation("%s is not %s", quote(value), describe(a.Regex)))
	} else if a.Regex == balancerName && strings.HasPrefix(value, "internal-") {
		issues = append(issues, a.violation("%s begins with internal-, which AWS keeps for itself", quote(value)))
	}
	return issues
}

// shape is the text held against the pattern. Spaces between success codes are
// left to AWS.
func shape(a Annotation, value string) string {
	if a.Regex == successCodes {
		return strings.ReplaceAll(value, " ", "")
	}
	return value
}

// describe says in words what a pattern accepts.
func describe(pattern *regexp.Regexp) string {
	switch pattern {
	case groupName:
		return "lower case letters, digits, - and . that begin and end with a letter or digit"
	case absolutePath:
		return "a path that begins with /"
	case successCodes:
		return "codes such as 200, 200,301 or 200-299"
	case balancerName:
		return "letters, digits and hyphens that begin and end with a letter or digit"
	default:
		return "of the form " + pattern.String()
	}
}

// checkJSON covers the JSON values that have no rule of their own.
func checkJSON(a Annotation, value string) []Issue {
	switch a.Suffix {
	case "auth-idp-cognito":
		_, issues := ParseCognito(value)
		return issues
	case "auth-idp-oidc":
		_, issues := ParseOIDC(value)
		return issues
	case "mutual-authentication":
		_, issues := ParseMutualAuthentication(value)
		return issues
	default:
		return nil
	}
}
