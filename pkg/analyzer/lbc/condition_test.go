package lbc_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/lbc"
)

func TestParseConditions(t *testing.T) {
	t.Parallel()
	const fields = "http-header, http-request-method, host-header, path-pattern, query-string or source-ip"
	dropped := func(path, field, tail string) lbc.Issue {
		issue := keyed(path, soft(lbc.Controller, "condition field "+field+" is not "+fields+"; the condition is dropped and the rule matches without it"+tail))
		issue.Widens = true
		return issue
	}
	tests := []struct {
		name, value string
		want        lbc.Conditions
		issues      []lbc.Issue
	}{
		{"none", `[]`, nil, nil},
		{"null", `null`, nil, nil},
		{
			"host", `[{"field":"host-header","hostHeaderConfig":{"values":["a.example"]}}]`,
			lbc.Conditions{{Field: "host-header", Values: []string{"a.example"}}},
			nil,
		},
		{
			"path by regex, capital keys", `[{"Field":"path-pattern","PathPatternConfig":{"RegexValues":["^/a$"]}}]`,
			lbc.Conditions{{Field: "path-pattern", RegexValues: []string{"^/a$"}}},
			nil,
		},
		{
			"header", `[{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"X-A","values":["1"]}}]`,
			lbc.Conditions{{Field: "http-header", HTTPHeaderName: "X-A", Values: []string{"1"}}},
			nil,
		},
		{
			"the others", `[{"field":"http-request-method","httpRequestMethodConfig":{"values":["GET"]}},{"field":"source-ip","sourceIPConfig":{"values":["10.0.0.0/8"]}},{"field":"query-string","queryStringConfig":{"values":[{"key":"k","value":"v"},{"value":"w"}]}}]`,
			lbc.Conditions{
				{Field: "http-request-method", Values: []string{"GET"}},
				{Field: "source-ip", Values: []string{"10.0.0.0/8"}},
				{Field: "query-string", Query: []lbc.QueryPair{{Key: "k", Value: "v"}, {Value: "w"}}},
			},
			nil,
		},
		{
			"config of another field", `[{"field":"host-header","pathPatternConfig":{"values":["/a"]}}]`,
			lbc.Conditions{{Field: "host-header"}},
			[]lbc.Issue{keyed("[0].hostHeaderConfig", hard("a host-header condition has no hostHeaderConfig"))},
		},
		{
			"neither", `[{"field":"path-pattern","pathPatternConfig":{"values":[]}}]`,
			lbc.Conditions{{Field: "path-pattern", Values: []string{}}},
			[]lbc.Issue{keyed("[0].pathPatternConfig", hard("a path-pattern condition has no values and no regexValues"))},
		},
		{
			"both", `[{"field":"http-header","httpHeaderConfig":{"values":["a"],"regexValues":["b"]}}]`,
			lbc.Conditions{{Field: "http-header", Values: []string{"a"}, RegexValues: []string{"b"}}},
			[]lbc.Issue{keyed("[0].httpHeaderConfig", hard("a http-header condition has values and regexValues; want one of them"))},
		},
		{
			"empty values", `[{"field":"http-request-method","httpRequestMethodConfig":{}},{"field":"query-string","queryStringConfig":{"values":null}},{"field":"source-ip","sourceIPConfig":{"values":[]}}]`,
			lbc.Conditions{{Field: "http-request-method"}, {Field: "query-string"}, {Field: "source-ip", Values: []string{}}},
			[]lbc.Issue{
				keyed("[0].httpRequestMethodConfig.values", hard("a http-request-method condition has no values")),
				keyed("[1].queryStringConfig.values", hard("a query-string condition has no values")),
				keyed("[2].sourceIPConfig.values", hard("a source-ip condition has no values")),
			},
		},
		{
			"empty query value", `[{"field":"query-string","queryStringConfig":{"values":[{"key":"a","value":"b"},{"key":"c"}]}}]`,
			lbc.Conditions{{Field: "query-string", Query: []lbc.QueryPair{{Key: "a", Value: "b"}, {Key: "c"}}}},
			[]lbc.Issue{keyed("[0].queryStringConfig.values[1].value", hard("a query-string condition has an empty value"))},
		},
		{
			"no configs", `[{"field":"query-string"},{"field":"source-ip"},{"field":"http-request-method"}]`,
			lbc.Conditions{{Field: "query-string"}, {Field: "source-ip"}, {Field: "http-request-method"}},
			[]lbc.Issue{
				keyed("[0].queryStringConfig", hard("a query-string condition has no queryStringConfig")),
				keyed("[1].sourceIPConfig", hard("a source-ip condition has no sourceIPConfig")),
				keyed("[2].httpRequestMethodConfig", hard("a http-request-method condition has no httpRequestMethodConfig")),
			},
		},
		{
			"unknown field", `[{"field":"source-ips","sourceIPConfig":{"values":["10.0.0.0/8"]}}]`, nil,
			[]lbc.Issue{suggesting(dropped("[0].field", `"source-ips"`, `; did you mean "source-ip"?`), "source-ip")},
		},
		{"no field", `[{}]`, nil, []lbc.Issue{dropped("[0].field", `""`, "")}},
		{
			"six values", `[{"field":"host-header","hostHeaderConfig":{"values":["a","b","c"]}},{"field":"source-ip","sourceIPConfig":{"values":["d","e","f"]}}]`,
			lbc.Conditions{{Field: "host-header", Values: []string{"a", "b", "c"}}, {Field: "source-ip", Values: []string{"d", "e", "f"}}},
			[]lbc.Issue{soft(lbc.AWS, "the conditions hold 6 values; AWS accepts 5 in one rule")},
		},
		{
			"five values", `[{"field":"host-header","hostHeaderConfig":{"values":["a","b","c","d","e"]}}]`,
			lbc.Conditions{{Field: "host-header", Values: []string{"a", "b", "c", "d", "e"}}},
			nil,
		},
		{"object", `{"field":"host-header"}`, nil, []lbc.Issue{hard("the value is an object, not a list")}},
		{
			"values as a string", `[{"field":"host-header","hostHeaderConfig":{"values":"a"}}]`, nil,
			[]lbc.Issue{keyed("hostHeaderConfig.values", hard("hostHeaderConfig.values is a string, not a list"))},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, issues := lbc.ParseConditions(tt.value)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("conditions (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.issues, issues); diff != "" {
				t.Errorf("issues (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHasRegex(t *testing.T) {
	t.Parallel()
	conditions, _ := lbc.ParseConditions(`[{"field":"host-header","hostHeaderConfig":{"regexValues":["a"]}},{"field":"path-pattern","pathPatternConfig":{"values":["/a"]}}]`)
	for field, want := range map[string]bool{lbc.FieldHostHeader: true, lbc.FieldPathPattern: false, lbc.FieldHTTPHeader: false} {
		if got := conditions.HasRegex(field); got != want {
			t.Errorf("HasRegex(%q) = %v", field, got)
		}
	}
}

func FuzzParseConditions(f *testing.F) {
	for _, seed := range []string{
		`[{"field":"host-header","hostHeaderConfig":{"regexValues":["a"]}}]`,
		`[{"field":"query-string","queryStringConfig":{"values":[{"key":null}]}}]`,
		`[{"type":"url-rewrite","urlRewriteConfig":{"rewrites":[{}]}}]`, `[null]`, `{}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		_, issues := lbc.ParseConditions(value)
		_, more := lbc.ParseTransforms(value)
		for _, issue := range append(issues, more...) {
			checkIssue(t, issue)
		}
	})
}

func TestParseTransforms(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, value string
		want        []lbc.Transform
		issues      []lbc.Issue
	}{
		{
			"both types", `[{"type":"url-rewrite","urlRewriteConfig":{"rewrites":[{"regex":"^/a","replace":"/$1"}]}},{"type":"host-header-rewrite","hostHeaderRewriteConfig":{"rewrites":[{"regex":"a","replace":"b"}]}}]`,
			[]lbc.Transform{
				{Type: "url-rewrite", Rewrites: []lbc.Rewrite{{Regex: "^/a", Replace: "/$1"}}},
				{Type: "host-header-rewrite", Rewrites: []lbc.Rewrite{{Regex: "a", Replace: "b"}}},
			},
			nil,
		},
		{
			"wrong ones", `[{"type":"url-rewrites"},{"type":"url-rewrite"},{"type":"host-header-rewrite","hostHeaderRewriteConfig":{"rewrites":[]}},{}]`, nil,
			[]lbc.Issue{
				keyed("[0].type", suggesting(hard(`transform type "url-rewrites" is not host-header-rewrite or url-rewrite; did you mean "url-rewrite"?`), "url-rewrite")),
				keyed("[1].urlRewriteConfig", hard("a url-rewrite transform has no urlRewriteConfig")),
				keyed("[2].hostHeaderRewriteConfig.rewrites", hard("hostHeaderRewriteConfig has no rewrites")),
				keyed("[3].type", hard(`transform type "" is not host-header-rewrite or url-rewrite`)),
			},
		},
		{"object", `{}`, nil, []lbc.Issue{hard("the value is an object, not a list")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, issues := lbc.ParseTransforms(tt.value)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("transforms (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.issues, issues); diff != "" {
				t.Errorf("issues (-want +got):\n%s", diff)
			}
		})
	}
}
