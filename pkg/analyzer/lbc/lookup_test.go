package lbc_test

import (
	"testing"

	"github.com/ekslint/ekslint/pkg/analyzer/lbc"
)

func TestSplitKey(t *testing.T) {
	t.Parallel()
	tests := []struct {
		key    string
		family lbc.Family
		suffix string
		ok     bool
	}{
		{"alb.ingress.kubernetes.io/scheme", lbc.Ingress, "scheme", true},
		{"service.beta.kubernetes.io/aws-load-balancer-type", lbc.Service, "aws-load-balancer-type", true},
		{"service.kubernetes.io/aws-load-balancer-type", 0, "", false},
		{"alb.ingress.kubernetes.io", 0, "", false},
		{"kubernetes.io/ingress.class", 0, "", false},
	}
	for _, tt := range tests {
		family, suffix, ok := lbc.SplitKey(tt.key)
		if family != tt.family || suffix != tt.suffix || ok != tt.ok {
			t.Errorf("SplitKey(%q) = %v, %q, %v", tt.key, family, suffix, ok)
		}
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	const attributes = "aws-load-balancer-target-group-attributes"
	tests := []struct {
		family   lbc.Family
		suffix   string
		want     string // suffix of the row, empty when unknown
		argument string
	}{
		{lbc.Ingress, "scheme", "scheme", ""},
		{lbc.Ingress, "Scheme", "", ""},
		{lbc.Ingress, "web-acl-id", "web-acl-id", ""},
		{lbc.Ingress, "aws-load-balancer-scheme", "", ""},
		{lbc.Ingress, "", "", ""},
		{lbc.Ingress, "actions.web", "actions.${action-name}", "web"},
		{lbc.Ingress, "actions.a.b", "actions.${action-name}", "a.b"},
		{lbc.Ingress, "actions.", "", ""},
		{lbc.Ingress, "actions", "", ""},
		{lbc.Ingress, "conditions.web", "conditions.${conditions-name}", "web"},
		{lbc.Ingress, "transforms.web", "transforms.${transforms-name}", "web"},
		{lbc.Ingress, "transform.web", "", ""},
		{lbc.Ingress, "listener-attributes.HTTP-80", "listener-attributes.${Protocol}-${Port}", "HTTP-80"},
		{lbc.Ingress, "listener-attributes.HTTPS-65535", "listener-attributes.${Protocol}-${Port}", "HTTPS-65535"},
		{lbc.Ingress, "listener-attributes.HTTPS-65536", "", ""},
		{lbc.Ingress, "listener-attributes.HTTPS-0", "", ""},
		{lbc.Ingress, "listener-attributes.HTTPS-0443", "", ""},
		{lbc.Ingress, "listener-attributes.HTTPS-+443", "", ""},
		{lbc.Ingress, "listener-attributes.https-443", "", ""},
		{lbc.Ingress, "listener-attributes.TCP-443", "", ""},
		{lbc.Ingress, "listener-attributes.HTTPS", "", ""},
		{lbc.Ingress, "target-control-port.web.80", "target-control-port.${serviceName}.${servicePort}", "web.80"},
		{lbc.Ingress, "target-control-port.web", "", ""},
		{lbc.Ingress, "target-control-port.web.", "", ""},
		{lbc.Ingress, "target-control-port..80", "", ""},
		{lbc.Ingress, "target-control-port.a.b.80", "", ""},
		{lbc.Service, "aws-load-balancer-type", "aws-load-balancer-type", ""},
		{lbc.Service, "scheme", "", ""},
		{lbc.Service, attributes, attributes, ""},
		{lbc.Service, attributes + ".80", attributes, ""},
		{lbc.Service, attributes + ".http", "", ""},
		{lbc.Service, "aws-load-balancer-listener-attributes.TCP-80", "aws-load-balancer-listener-attributes.${Protocol}-${Port}", "TCP-80"},
		{lbc.Service, "aws-load-balancer-listener-attributes.HTTP-80", "", ""},
		{lbc.Service, "actions.TLS-443", "actions.${protocol}-${port}", "TLS-443"},
		{lbc.Service, "actions.web", "", ""},
		{lbc.Family(0), "scheme", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.suffix, func(t *testing.T) {
			t.Parallel()
			a, ok := lbc.Lookup(tt.family, tt.suffix)
			if a.Suffix != tt.want || ok != (tt.want != "") {
				t.Fatalf("Lookup = %q, %v, want %q", a.Suffix, ok, tt.want)
			}
			if argument, templated := a.Argument(tt.suffix); argument != tt.argument || templated != (tt.argument != "") {
				t.Errorf("Argument = %q, %v, want %q", argument, templated, tt.argument)
			}
		})
	}
}

// The annotations of the alb family that the controller reads from a Service.
func TestReadFromService(t *testing.T) {
	t.Parallel()
	want := map[string]bool{
		"target-type": true, "backend-protocol": true, "backend-protocol-version": true,
		"target-group-attributes": true, "healthcheck-path": true, "healthy-threshold-count": true,
		"success-codes": true, "auth-type": true, "tags": true, "target-node-labels": true,
		"multi-cluster-target-group": true, "target-control-port.web.80": true,
		"scheme": false, "group.name": false, "actions.web": false, "jwt-validation": false,
		"listen-ports": false, "frontend-nlb-healthcheck-path": false,
	}
	for suffix, on := range want {
		if a, ok := lbc.Lookup(lbc.Ingress, suffix); !ok || a.OnService != on {
			t.Errorf("%s: found %v, OnService %v, want %v", suffix, ok, a.OnService, on)
		}
	}
}

func TestSuggest(t *testing.T) {
	t.Parallel()
	tests := []struct {
		family   lbc.Family
		suffix   string
		want     string
		distance int
	}{
		{lbc.Ingress, "target-types", "target-type", 1},
		{lbc.Ingress, "listen-port", "listen-ports", 1},
		{lbc.Ingress, "certificate-arns", "certificate-arn", 1},
		{lbc.Ingress, "healthcheck-intervall-second", "healthcheck-interval-seconds", 2},
		{lbc.Ingress, "shceme", "scheme", 2},
		{lbc.Ingress, "tag", "tags", 1},
		{lbc.Ingress, "Listen-Ports", "listen-ports", 1},
		{lbc.Ingress, "SCHEME", "scheme", 1},
		{lbc.Ingress, "action.web", "actions.web", 1},
		{lbc.Ingress, "condition.web", "conditions.web", 1},
		{lbc.Ingress, "listener-attributes.http-80", "listener-attributes.HTTP-80", 1},
		{lbc.Ingress, "waf-acl-ids", "waf-acl-id", 1},
		{lbc.Service, "aws-load-balancer-schema", "aws-load-balancer-scheme", 1},
		{lbc.Service, "aws-load-balancer-target-group-attribute", "aws-load-balancer-target-group-attributes", 1},

		// known, so there is nothing to suggest
		{lbc.Ingress, "scheme", "", 0},
		{lbc.Ingress, "actions.web", "", 0},
		{lbc.Ingress, "web-acl-id", "", 0},
		{lbc.Service, "aws-load-balancer-connection-idle-timeout", "", 0},
		// too far, or too short to tell
		{lbc.Ingress, "rewrite-target", "", 0},
		{lbc.Ingress, "tls", "", 0},
		{lbc.Ingress, "x", "", 0},
		{lbc.Ingress, "", "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.suffix, func(t *testing.T) {
			t.Parallel()
			got, distance := lbc.Suggest(tt.family, tt.suffix)
			if got != tt.want || distance != tt.distance {
				t.Errorf("Suggest = %q, %d, want %q, %d", got, distance, tt.want, tt.distance)
			}
		})
	}
}
