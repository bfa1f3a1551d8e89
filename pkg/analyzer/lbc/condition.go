package lbc

import (
	"fmt"
	"slices"
	"strings"
)

// The fields a Condition can look at.
const (
	FieldHTTPHeader    = "http-header"
	FieldRequestMethod = "http-request-method"
	FieldHostHeader    = "host-header"
	FieldPathPattern   = "path-pattern"
	FieldQueryString   = "query-string"
	FieldSourceIP      = "source-ip"
)

// maxConditionValues is the quota "condition values per rule":
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
const maxConditionValues = 5

// Conditions is the value of a conditions annotation. All of them must hold.
type Conditions []Condition

// Condition is one condition of a listener rule. A request fulfils it by one of
// its values.
type Condition struct {
	Field string
	// Values holds patterns, RegexValues regular expressions; a valid condition
	// has one of the two. Query is used for FieldQueryString instead.
	Values      []string
	RegexValues []string
	Query       []QueryPair
	// HTTPHeaderName is set for FieldHTTPHeader.
	HTTPHeaderName string
}

// QueryPair is a key and value of a query string. An absent key is empty and
// means any.
type QueryPair struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// HasRegex reports whether a condition on the field uses regular expressions.
// Such a condition cannot be combined with values for the same field, those that
// come from the host and path of the Ingress rule included.
func (c Conditions) HasRegex(field string) bool {
	return slices.ContainsFunc(c, func(c Condition) bool { return c.Field == field && len(c.RegexValues) > 0 })
}

type conditionJSON struct {
	Field         string      `json:"field"`
	HostHeader    *valuesJSON `json:"hostHeaderConfig"`
	HTTPHeader    *valuesJSON `json:"httpHeaderConfig"`
	RequestMethod *plainJSON  `json:"httpRequestMethodConfig"`
	PathPattern   *valuesJSON `json:"pathPatternConfig"`
	QueryString   *queryJSON  `json:"queryStringConfig"`
	SourceIP      *plainJSON  `json:"sourceIPConfig"`
}

type valuesJSON struct {
	HTTPHeaderName string   `json:"httpHeaderName"`
	RegexValues    []string `json:"regexValues"`
	Values         []string `json:"values"`
}

type plainJSON struct {
	Values []string `json:"values"`
}

type queryJSON struct {
	Values []QueryPair `json:"values"`
}

// ParseConditions reads the value of a conditions annotation. A condition on a
// field the controller does not know is dropped by it in silence, so the rule
// matches more than it reads: it is absent from the result, and the issue says
// so. The result is nil when the value cannot be decoded.
func ParseConditions(value string) (Conditions, []Issue) {
	raws, issue := decode[[]conditionJSON](value)
	if issue != nil {
		return nil, []Issue{*issue}
	}
	var conditions Conditions
	var issues []Issue
	count := 0
	for i, raw := range raws {
		condition, wrong := raw.parse(fmt.Sprintf("[%d]", i))
		issues = append(issues, wrong...)
		if condition.Field == "" {
			continue
		}
		conditions = append(conditions, condition)
		count += len(condition.Values) + len(condition.RegexValues) + len(condition.Query)
	}
	if count > maxConditionValues {
		issues = append(issues, softAt(AWS, "", "the conditions hold %d values; AWS accepts %d in one rule", count, maxConditionValues))
	}
	return conditions, issues
}

// parse reads one condition. Its field is empty when the controller drops it.
func (c conditionJSON) parse(path string) (Condition, []Issue) {
	out := Condition{Field: c.Field}
	switch c.Field {
	case FieldHostHeader:
		return out.fromValues(path+".hostHeaderConfig", c.HostHeader)
	case FieldPathPattern:
		return out.fromValues(path+".pathPatternConfig", c.PathPattern)
	case FieldHTTPHeader:
		return out.fromValues(path+".httpHeaderConfig", c.HTTPHeader)
	case FieldRequestMethod:
		return out.fromPlain(path+".httpRequestMethodConfig", c.RequestMethod)
	case FieldSourceIP:
		return out.fromPlain(path+".sourceIPConfig", c.SourceIP)
	case FieldQueryString:
		return out.fromQuery(path+".queryStringConfig", c.QueryString)
	}
	fields := []string{FieldHTTPHeader, FieldRequestMethod, FieldHostHeader, FieldPathPattern, FieldQueryString, FieldSourceIP}
	issue := softAt(Controller, path+".field",
		"condition field %s is not %s; the condition is dropped and the rule matches without it", quote(c.Field), oneOf(fields))
	issue.Widens = true
	return Condition{}, []Issue{withSuggestion(issue, c.Field, fields)}
}

func (c Condition) fromValues(path string, config *valuesJSON) (Condition, []Issue) {
	if config == nil {
		return c, []Issue{c.missing(path)}
	}
	c.Values, c.RegexValues = config.Values, config.RegexValues
	if c.Field == FieldHTTPHeader {
		c.HTTPHeaderName = config.HTTPHeaderName
	}
	switch {
	case len(c.Values) == 0 && len(c.RegexValues) == 0:
		return c, []Issue{at(path, "a %s condition has no values and no regexValues", c.Field)}
	case len(c.Values) > 0 && len(c.RegexValues) > 0:
		return c, []Issue{at(path, "a %s condition has values and regexValues; want one of them", c.Field)}
	default:
		return c, nil
	}
}

func (c Condition) fromPlain(path string, config *plainJSON) (Condition, []Issue) {
	if config == nil {
		return c, []Issue{c.missing(path)}
	}
	c.Values = config.Values
	if len(c.Values) == 0 {
		return c, []Issue{at(path+".values", "a %s condition has no values", c.Field)}
	}
	return c, nil
}

func (c Condition) fromQuery(path string, config *queryJSON) (Condition, []Issue) {
	if config == nil {
		return c, []Issue{c.missing(path)}
	}
	c.Query = config.Values
	if len(c.Query) == 0 {
		return c, []Issue{at(path+".values", "a %s condition has no values", c.Field)}
	}
	var issues []Issue
	for i, pair := range c.Query {
		if pair.Value == "" {
			issues = append(issues, at(fmt.Sprintf("%s.values[%d].value", path, i), "a query-string condition has an empty value"))
		}
	}
	return c, issues
}

// missing says that the configuration of the condition's field is absent.
func (c Condition) missing(path string) Issue {
	return at(path, "a %s condition has no %s", c.Field, path[strings.LastIndexByte(path, '.')+1:])
}
