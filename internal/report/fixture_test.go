package report

import (
	"errors"
	"strings"
	"testing"

	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// fixtureFiles are the files that the reports of these tests point into.
var fixtureFiles = map[string]string{
	"shop/ingress.yaml": `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  namespace: shop
spec:
  rules:
    - http:
        paths:
          - path: /
            backend:
              service: {name: web, port: {number: 8080}}
`,
	"shop/service.yaml":                 "\xef\xbb\xbfapiVersion: v1\r\nkind: Service\r\nmetadata:\r\n  name: web\r\n  namespace: shop\r\nspec:\r\n  ports:\r\n    - port: 80",
	"straße/naïve file.yml":             "kind: Service\nmetadata:\n  name: web # 😀 łódź\n  annotations: {a: 😀é, b: \"日本語 text\"}\n",
	"tabs.json":                         "{\n\t\"kind\": \"Service\",\n\t\t\"spec\":\t{\"type\":\t\"LoadBalancer\"}\n}\n",
	"wide.json":                         `{"kind":"Service","metadata":{"name":"` + strings.Repeat("x", 300) + `"},"spec":{"type":"ExternalName"},"more":"` + strings.Repeat("y", 300) + `"}`,
	"bad[1].yaml":                       "kind: Service\n  bad: indentation\n",
	"charts/web/templates/ingress.yaml": "{{- range .Values.hosts }}\nkind: Ingress\n{{- end }}\n",
	"<stdin>":                           "kind: Service\nspec:\n  type: NodePort\n  selector:\n    app: web\n\n---\nkind: Pod\n",
}

func fixtureText(file string) ([]byte, bool) {
	text, ok := fixtureFiles[file]
	return []byte(text), ok
}

// spanOf is the span of the first occurrence of a text in a fixture file.
func spanOf(t *testing.T, file, text string) model.Span {
	t.Helper()
	start := strings.Index(fixtureFiles[file], text)
	if start < 0 {
		t.Fatalf("%s does not hold %q", file, text)
	}
	return model.Span{File: file, Start: start, End: start + len(text)}
}

// inexact says of a span that its line is not certain.
func inexact(span model.Span) model.Span {
	span.Inexact = true
	return span
}

func fixtureOptions() Options {
	return Options{
		Display: func(file string) string {
			if file == "<stdin>" {
				return file
			}
			return "deploy/" + file
		},
		Repository: func(file string) string {
			if file == "<stdin>" {
				return ""
			}
			return file
		},
		Text:    fixtureText,
		Root:    "/home/me/my repo/deploy",
		Version: "v1.2.3",
	}
}

func fixtureRules() []rule.Meta {
	return []rule.Meta{
		{
			ID: "ING-001", Title: "Ingress sends traffic to a port that the Service lacks", Category: "ingress",
			Description: "Fires when the backend names a port that its Service does not list.",
			Rationale:   "The controller cannot make a target group, so no rule of the group is applied.",
			Remediation: "Use a port of the Service.",
			Severity:    rule.Error, Kinds: []string{"Ingress"}, Needs: model.Services,
			Refs:  []string{"https://kubernetes.io/docs/concepts/services-networking/ingress/"},
			Since: "0.1.0",
		},
		{
			ID: "SVC-014", Title: "LoadBalancer open to 0.0.0.0/0", Category: "service",
			Description: "Fires when a public load balancer has no source ranges.",
			Rationale:   "Anyone may connect.", Remediation: "Set loadBalancerSourceRanges.",
			Severity: rule.Warning, SecuritySeverity: 6.5, Kinds: []string{"Service"},
			Refs: []string{"https://kubernetes.io/docs/concepts/services-networking/service/"}, Since: "0.1.0",
		},
	}
}

func fixtureReport(t *testing.T) analyzer.Report {
	t.Helper()
	ingress := &model.Resource{Ref: model.Ref{Group: "networking.k8s.io", Kind: "Ingress", Namespace: "shop", Name: "web"}}
	service := &model.Resource{Ref: model.Ref{Kind: "Service", Namespace: "shop", Name: "web"}}
	at := func(r *model.Resource, span model.Span, path ...string) rule.Place {
		return rule.Place{Resource: r, Path: path, Span: span}
	}
	return analyzer.Report{
		Clusters: []analyzer.Cluster{
			{Name: "overlays/prod", Resources: 34},
			{Name: "overlays/staging", Resources: 1},
			{Name: "shop", Resources: 12, Guessed: true},
		},
		Rules: fixtureRules(),
		Findings: []rule.Finding{
			{
				RuleID: "ING-001", Severity: rule.Error,
				Message:     `Ingress shop/web sends / to port 8080, which Service shop/web does not have`,
				At:          at(ingress, spanOf(t, "shop/ingress.yaml", "8080"), "spec", "rules", "0", "http", "paths", "0", "backend", "service", "port", "number"),
				Related:     []rule.Related{{Message: "the only port is 80", At: at(service, spanOf(t, "shop/service.yaml", "80"), "spec", "ports", "0", "port")}},
				Subject:     ingress.Ref,
				Clusters:    []string{"overlays/prod", "overlays/staging"},
				Fingerprint: "0123456789abcdef",
			},
			{
				RuleID: "ING-001", Severity: rule.Warning,
				Message: "the rules of Ingress shop/web match every host",
				At:      at(ingress, spanOf(t, "shop/ingress.yaml", "rules:\n    - http:\n        paths:\n"), "spec", "rules"),
				Related: []rule.Related{
					{Message: "the [first] rule", At: at(ingress, spanOf(t, "shop/ingress.yaml", "http:"), "spec", "rules", "0")},
					{Message: "no source here"},
				},
				Subject: ingress.Ref, Clusters: []string{"shop"}, Fingerprint: "1123456789abcdef",
			},
			{
				RuleID: "SVC-014", Severity: rule.Warning, Message: "Service shop/web (CRLF, BOM, last line) is open",
				At: at(service, spanOf(t, "shop/service.yaml", "80"), "spec", "ports", "0", "port"), Subject: service.Ref,
			},
			{
				RuleID: "SVC-014", Severity: rule.Note, Message: "byte order mark is no column",
				At: at(service, spanOf(t, "shop/service.yaml", "apiVersion"), "apiVersion"), Subject: service.Ref,
			},
			{
				RuleID: "SVC-014", Severity: rule.Warning, Message: `<b>unicode</b> & "quotes" [a](b)`,
				At: at(service, spanOf(t, "straße/naïve file.yml", "日本語"), "metadata", "annotations", "b"), Subject: service.Ref,
			},
			{
				RuleID: "SVC-014", Severity: rule.Warning, Message: "tabs stay tabs",
				At: at(service, spanOf(t, "tabs.json", `"LoadBalancer"`), "spec", "type"), Subject: service.Ref,
			},
			{
				RuleID: "SVC-014", Severity: rule.Warning, Message: "long line",
				At: at(service, spanOf(t, "wide.json", `"ExternalName"`), "spec", "type"), Subject: service.Ref,
			},
			{
				RuleID: "SVC-014", Severity: rule.Error, Message: "from stdin",
				At: at(service, spanOf(t, "<stdin>", "selector:\n    app: web\n\n"), "spec", "selector"), Subject: service.Ref,
			},
			{
				RuleID: "ING-001", Severity: rule.Error, Message: "made by a template, at a line that is not certain",
				At:      at(ingress, inexact(spanOf(t, "charts/web/templates/ingress.yaml", "kind: Ingress")), "spec"),
				Related: []rule.Related{{Message: "made by the same template", At: at(service, inexact(spanOf(t, "charts/web/templates/ingress.yaml", "{{- range")))}},
				Flow:    []rule.Step{{Message: "through a template", At: at(ingress, inexact(spanOf(t, "charts/web/templates/ingress.yaml", "kind")))}},
				Subject: ingress.Ref, Fingerprint: "2123456789abcdef",
			},
			{
				RuleID: "USR-001", Severity: rule.Warning, Message: "two\nlines and an escape \x1b[31mred",
				Subject: model.Ref{Kind: "Namespace", Name: "shop"},
			},
		},
		Skipped: []analyzer.Skip{
			{RuleID: "NP-004", Domain: model.Workloads, Namespace: "a", Cluster: "shop"},
			{RuleID: "REACH-004", Domain: model.Workloads, Namespace: "a", Cluster: "shop"},
			{RuleID: "REACH-004", Domain: model.Workloads, Namespace: "b", Cluster: "shop"},
			{RuleID: "REACH-004", Domain: model.Workloads, Namespace: "c", Cluster: "shop", Why: "chart charts/web, which is not rendered"},
			{RuleID: "ING-003", Domain: model.IngressClasses, Cluster: "shop"},
		},
		Problems: []model.Problem{
			{At: spanOf(t, "bad[1].yaml", "bad"), Message: "mapping values are not allowed in this context"},
			{At: inexact(spanOf(t, "charts/web/templates/ingress.yaml", "{{- end")), Message: "the template does not render"},
			{At: model.Span{File: "missing.yaml"}, Message: "permission denied"},
			{Message: "no file at all"},
		},
		Notes: []model.Note{
			{File: "charts/a", Message: "chart is not rendered"},
			{File: "charts/b", Message: "chart is not rendered"},
			{File: "secret.yaml", Message: "encrypted by SOPS"},
		},
		Failures: []analyzer.Failure{
			{RuleID: "POD-002", Subject: service.Ref, Cluster: "shop", Err: errors.New("panic: index out of range\ngoroutine 1")},
		},
	}
}
