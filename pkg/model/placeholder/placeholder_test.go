package placeholder_test

import (
	"strings"
	"testing"

	"github.com/ekslint/ekslint/pkg/model/placeholder"
)

func TestIn(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want bool
	}{
		{"", false},
		{"web", false},
		{"10.0.0.0/8, 192.168.0.0/16", false},
		{"arn:aws:acm:eu-west-1:111122223333:certificate/abc", false},

		{"${CERT_ARN}", true},
		{"arn:aws:acm:${region}:1:certificate/x", true},
		{"${var.name}", true},
		{"${{ github.sha }}", true},
		{"$${ESCAPED}", true},
		// The forms of envsubst in Flux.
		{"${name:=10.0.0.0/8}", true},
		{"${name:-1}", true},
		{"${_name=x}", true},
		{"${#name}", true},
		{"${name^^}", true},
		{"${name/a/b}", true},
		{"${name:0:3}", true},
		{"${name:=${other:=2}}", true},
		{"${}", false},
		{"${1}", false},
		{"/$1", false},
		{"${open", false},
		{"price in $", false},
		{`{"type":"redirect","redirectConfig":{"host":"#{host}","path":"/#{path}","statusCode":"HTTP_301"}}`, false},
		{`[{"type":"url-rewrite","urlRewriteConfig":{"rewrites":[{"regex":"^\\/api\\/(.+)$","replace":"/$1"}]}}]`, false},

		{"$CERT_ARN", true},
		{"shop.$domain", true},
		{"$x", false},
		{"a$|b$", false},

		{"$(VPC_ID)", true},
		{"$( aws sts )", true},
		{"$()", false},
		{"^/a$(/.*)?", false},
		{"(^/a$|^/b$)", false},

		{"{{ .Values.host }}", true},
		{"{{host}}.example.com", true},
		{"{{ open", false},
		{`{"a":{"b":{}}}`, false},
		{"a{2}", false},

		{"<ACCOUNT_ID>", true},
		{"<your account id>", true},
		{"arn:aws:iam::<account>:role/x", true},
		{"a < b > c", false},
		{"<1>", false},
		{"(?<name>[a-z]+)", false},
		{"(?P<name>[a-z]+)", false},
		{"<h1>Not found</h1>", false},
		{"line<br/>line", false},
		{"Jo <jo@example.com>", false},
		{"<>", false},
		{"<open", false},

		{"%DOMAIN%", true},
		{"%ADDRESS%.example.com", true},
		{"%DB%", true},
		{"%_x%", true},
		{"%2Ffoo%2F", false},
		{"%E3%81%82", false},
		{"/%C3%A9t%C3%A9", false},
		{"%Y-%m-%d", false},
		{"%H%M", false},
		{"50% of 20%", false},
		{"100%", false},
		{"%%", false},

		{"__HOST__", true},
		{"https://__DNS__DOMAIN__:53/", true},
		{"__PILLAR__DNS__DOMAIN__:53 {", true},
		{"forward . __PILLAR__CLUSTER__DNS__ {", false},
		{"__init__", false},
		{"____", false},
		{"__A_", false},
		{"AIRFLOW__CORE__LOAD__", false},
		{"__CORE__load", false},

		{"PLACEHOLDER", true},
		{"sg-PLACEHOLDER", true},
		{"arn:aws:acm:x:y:certificate/CHANGEME", true},
		{"REPLACE_ME.example.com", true},
		{"MYPLACEHOLDER", false},
		{"PLACEHOLDERS", false},
		{"placeholder", false},
		{"X_CHANGEME", false},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			if got := placeholder.In(tt.text); got != tt.want {
				t.Errorf("In(%q) = %v, want %v", tt.text, got, tt.want)
			}
		})
	}
}

func TestInIsLinear(t *testing.T) {
	t.Parallel()
	for _, mark := range []string{"${", "$(", "{{", "<a", "%a", "P", "_", "_A"} {
		text := strings.Repeat(mark, 1<<18)
		if placeholder.In(text) {
			t.Errorf("In(%q...) = true", mark)
		}
	}
}

func FuzzIn(f *testing.F) {
	for _, seed := range []string{"${a}", "$(b)", "{{c}}", "<d>", "%ee%", "CHANGEME", "plain"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if placeholder.In(text) && !strings.ContainsAny(text, "${<%PCR_") {
			t.Errorf("In(%q) found a placeholder in a text without its marks", text)
		}
		if !placeholder.In(text + " ${X}") {
			t.Errorf("In(%q) overlooks a placeholder at the end", text+" ${X}")
		}
	})
}

func BenchmarkIn(b *testing.B) {
	text := "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/example/73e2d6bc24d8a067"
	b.ReportAllocs()
	for b.Loop() {
		placeholder.In(text)
	}
}
