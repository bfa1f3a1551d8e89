package lbc_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/lbc"
)

// hard is a refusal by the controller, soft a warning.
func hard(message string) lbc.Issue { return lbc.Issue{Message: message} }

func soft(by lbc.By, message string) lbc.Issue {
	return lbc.Issue{Message: message, By: by, Soft: true}
}

func TestCheckAccepts(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"scheme":                          {"internal", "internet-facing"},
		"ip-address-type":                 {"ipv4", "dualstack", "dualstack-without-public-ipv4"},
		"auth-on-unauthenticated-request": {"deny", ""},
		"group.order":                     {"-1000", "1000", "0", "+7", "007"},
		"ssl-redirect":                    {"443", "+443", "0443"},
		"auth-session-timeout":            {"604800", "9999999999"},
		"healthcheck-interval-seconds":    {"5", "300"},
		"enable-frontend-nlb":             {"1", "T", "False"},
		"group.name":                      {"a", "my-team.awesome-group", strings.Repeat("a", 63)},
		"load-balancer-name":              {"web", "A-1", strings.Repeat("a", 32)},
		"customer-owned-ipv4-pool":        {"ipv4pool-coip-1"},
		"inbound-cidrs":                   {"", " , ", "10.0.0.0/8, ::/0", "10.0.0.1/8"},
		"certificate-arn":                 {""},
		"security-groups":                 {"", "sg-1, my group"},
		"subnets":                         {"a"},
		"tags":                            {"", "a=b,c=d", "a="},
		"minimum-load-balancer-capacity":  {"", "CapacityUnits=100", "CapacityUnits=+5"},
		"healthcheck-port":                {"traffic-port", "80", "0080", "http", "web-1", ""},
		"frontend-nlb-healthcheck-port":   {"traffic-port", "80"},
		"healthcheck-path":                {"/", "/healthz", ""},
		"success-codes":                   {"200", "200,301", "200-299", "0-99", "200, 201", ""},
		"frontend-nlb-listener-port-mapping": {
			"80=443,81=444",
		},
		"listen-ports":                                      {"nonsense, which ListenPorts reports"},
		"jwt-validation":                                    {"nonsense, which ParseJWTValidation reports"},
		"actions.web":                                       {"nonsense, which ParseAction reports"},
		"listener-attributes.HTTPS-443":                     {"a=b"},
		"target-control-port.web.80":                        {"3000"},
		"dry-run-plan":                                      {"anything"},
		"aws-load-balancer-type":                            {"external", "nlb-ip", "nlb", "clb", "other-controller", ""},
		"aws-load-balancer-backend-protocol":                {"ssl", "tcp", "http", "https", "TCP_UDP"},
		"aws-load-balancer-healthcheck-protocol":            {"tcp", "TCP", "Http", "HTTPS"},
		"aws-load-balancer-proxy-protocol":                  {"*"},
		"aws-load-balancer-proxy-protocol-per-target-group": {"", "80, 443"},
		"load-balancer-source-ranges":                       {"", "10.0.0.0/8", "010.000.0.1/8"},
		"aws-load-balancer-private-ipv4-addresses":          {"10.0.0.1, 10.0.0.2"},
		"aws-load-balancer-ipv6-addresses":                  {"fd00::1"},
		"aws-load-balancer-target-group-attributes":         {"preserve_client_ip.enabled=true", "x=y"},
		"aws-load-balancer-target-group-attributes.80":      {"preserve_client_ip.enabled=0"},
		"aws-load-balancer-listener-attributes.TCP-80":      {"tcp.idle_timeout.seconds=60"},
		"aws-load-balancer-healthcheck-success-codes":       {"200-399"},
		"auth-idp-cognito":                                  {`{"userPoolARN":"a","userPoolClientID":"b","userPoolDomain":"c","extra":1}`},
		"mutual-authentication":                             {`[{"port":443,"mode":"verify","trustStore":"t"},{"port":80,"mode":"off"}]`},
	}
	for suffix, values := range tests {
		t.Run(suffix, func(t *testing.T) {
			t.Parallel()
			a := lookupAny(t, suffix)
			for _, value := range values {
				if issues := lbc.Check(a, value); issues != nil {
					t.Errorf("Check(%q) = %+v", value, issues)
				}
			}
		})
	}
}

func lookupAny(t *testing.T, suffix string) lbc.Annotation {
	t.Helper()
	for _, family := range []lbc.Family{lbc.Ingress, lbc.Service} {
		if a, ok := lbc.Lookup(family, suffix); ok {
			return a
		}
	}
	t.Fatalf("no annotation %q", suffix)
	return lbc.Annotation{}
}

func TestCheckRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		suffix, value string
		want          lbc.Issue
	}{
		{"scheme", "public", hard(`"public" is not internal or internet-facing`)},
		{"scheme", "Internal", suggesting(hard(`"Internal" is not internal or internet-facing; did you mean "internal"?`), "internal")},
		{"scheme", "", hard(`"" is not internal or internet-facing`)},
		{"scheme", "internal ", suggesting(hard(`"internal " is not internal or internet-facing; did you mean "internal"?`), "internal")},
		{"ip-address-type", "ipv6", hard(`"ipv6" is not ipv4, dualstack or dualstack-without-public-ipv4`)},
		{"target-type", "pod", hard(`"pod" is not instance or ip`)},
		{"backend-protocol", "https", suggesting(hard(`"https" is not HTTP or HTTPS; did you mean "HTTPS"?`), "HTTPS")},
		{"backend-protocol-version", "GRPCS", suggesting(hard(`"GRPCS" is not HTTP1, HTTP2 or GRPC; did you mean "GRPC"?`), "GRPC")},
		{"backend-protocol-version", "HTTP3", hard(`"HTTP3" is not HTTP1, HTTP2 or GRPC`)},
		{"healthcheck-protocol", "TCP", hard(`"TCP" is not HTTP or HTTPS`)},
		{"auth-type", "saml", hard(`"saml" is not none, oidc or cognito`)},
		{"auth-on-unauthenticated-request", "block", soft(lbc.AWS, `"block" is not authenticate, allow or deny`)},
		{"group.order", "1001", hard(`1001 is outside -1000 to 1000`)},
		{"group.order", "-1001", hard(`-1001 is outside -1000 to 1000`)},
		{"group.order", "first", hard(`"first" is not a whole number`)},
		{"ssl-redirect", " 443", hard(`" 443" has spaces around the number`)},
		{"ssl-redirect", "443.0", hard(`"443.0" is not a whole number`)},
		{"ssl-redirect", "", hard(`"" is not a whole number`)},
		{"ssl-redirect", "0", hard(`0 is outside 1 to 65535`)},
		{"ssl-redirect", "0x1bb", hard(`"0x1bb" is not a whole number`)},
		{"healthcheck-interval-seconds", "10s", hard(`"10s" is not a whole number`)},
		{"healthcheck-interval-seconds", "4", soft(lbc.AWS, `4 is outside the 5 to 300 that AWS accepts`)},
		{"healthcheck-interval-seconds", "9999999999", hard(`"9999999999" is too large a number`)},
		{"unhealthy-threshold-count", "11", soft(lbc.AWS, `11 is outside the 2 to 10 that AWS accepts`)},
		{"shield-advanced-protection", "yes", hard(`"yes" is not true or false`)},
		{"shield-advanced-protection", "ture", hard(`"ture" is not true or false`)},
		{"use-regex-path-match", " true", suggesting(hard(`" true" is not true or false; did you mean "true"?`), "true")},
		{"create-acm-cert", "yes", soft(lbc.Controller, `"yes" is not true or false, and is read as false`)},
		{"group.name", "My_Group", hard(`"My_Group" is not lower case letters, digits, - and . that begin and end with a letter or digit`)},
		{"group.name", "", hard(`"" is not lower case letters, digits, - and . that begin and end with a letter or digit`)},
		{"load-balancer-name", "web_1", soft(lbc.AWS, `"web_1" is not letters, digits and hyphens that begin and end with a letter or digit`)},
		{"load-balancer-name", "internal-web", soft(lbc.AWS, `"internal-web" begins with internal-, which AWS keeps for itself`)},
		{"load-balancer-name", strings.Repeat("a", 33), hard(`"` + strings.Repeat("a", 33) + `" has 33 characters, more than 32`)},
		{"group.name", strings.Repeat("a", 64), hard(`"` + strings.Repeat("a", 60) + `"... has 64 characters, more than 63`)},
		{"customer-owned-ipv4-pool", "", hard(`the value is empty`)},
		{"inbound-cidrs", "10.0.0.1", hard(`"10.0.0.1" is not a CIDR block: its prefix length is missing, as in 10.0.0.1/32`)},
		{"inbound-cidrs", "10.0.0.0/8, fd00::1", hard(`"fd00::1" is not a CIDR block: its prefix length is missing, as in fd00::1/128`)},
		{"inbound-cidrs", "10.0.0.0/33", hard(`"10.0.0.0/33" is not a CIDR block such as 10.0.0.0/8`)},
		{"inbound-cidrs", "010.0.0.0/8", hard(`"010.0.0.0/8" is not a CIDR block such as 10.0.0.0/8`)},
		{"tags", "a", hard(`item "a" has no =: want key=value`)},
		{"tags", "=b", hard(`item "=b" has no key: want key=value`)},
		{"minimum-load-balancer-capacity", "capacityUnits=5", keyed("capacityUnits", suggesting(hard(`key "capacityUnits" is not CapacityUnits; did you mean "CapacityUnits"?`), "CapacityUnits"))},
		{"minimum-load-balancer-capacity", "CapacityUnits=5GB", keyed("CapacityUnits", hard(`"5GB" is not a whole number`))},
		{"healthcheck-port", "Traffic-Port", suggesting(hard(`"Traffic-Port" is not a number, traffic-port or a Service port name; did you mean "traffic-port"?`), "traffic-port")},
		{"healthcheck-port", "70000", soft(lbc.AWS, `70000 is outside the 1 to 65535 that AWS accepts`)},
		{"frontend-nlb-healthcheck-port", "http", soft(lbc.Controller, `"http" is not a number or traffic-port`)},
		{"frontend-nlb-listener-port-mapping", "80=https", keyed("80", soft(lbc.Controller, `"https" is not a port number`))},
		{"healthcheck-path", "healthz", soft(lbc.AWS, `"healthz" is not a path that begins with /`)},
		{"success-codes", "2xx", soft(lbc.AWS, `"2xx" is not codes such as 200, 200,301 or 200-299`)},
		{"target-node-labels", "a", soft(lbc.Controller, `item "a" has no =: want key=value`)},
		{"auth-idp-oidc", `{"issuer":1}`, keyed("issuer", hard(`issuer is a number, not a string`))},
		{"mutual-authentication", `[{"port":443,"mode":"verify"}]`, keyed("[0].trustStore", hard(`mode verify has no trustStore`))},

		{"aws-load-balancer-scheme", "public", hard(`"public" is not internal or internet-facing`)},
		{"aws-load-balancer-type", "externl", suggesting(soft(lbc.Controller, `"externl" is not external or nlb-ip; did you mean "external"?`), "external")},
		{"aws-load-balancer-nlb-target-type", "pod", soft(lbc.Controller, `"pod" is not instance or ip`)},
		{"aws-load-balancer-healthcheck-protocol", "udp", hard(`"udp" is not tcp, http or https`)},
		{"aws-load-balancer-proxy-protocol", "true", hard(`"true" is not *`)},
		{"aws-load-balancer-alpn-policy", "h2", soft(lbc.Controller, `"h2" is not HTTP1Only, HTTP2Only, HTTP2Optional, HTTP2Preferred or None`)},
		{"aws-load-balancer-proxy-protocol-per-target-group", "80,https", hard(`"https" is not a port number`)},
		{"aws-load-balancer-private-ipv4-addresses", "fd00::1", soft(lbc.AWS, `"fd00::1" is not an IPv4 address`)},
		{"aws-load-balancer-target-group-attributes", "preserve_client_ip.enabled=yes", keyed("preserve_client_ip.enabled", hard(`"yes" is not true or false`))},
		{"load-balancer-source-ranges", "10.0.0.1", lbc.Issue{By: lbc.APIServer, Message: `"10.0.0.1" is not a CIDR block: its prefix length is missing, as in 10.0.0.1/32`}},
	}
	for _, tt := range tests {
		t.Run(tt.suffix+" "+tt.value, func(t *testing.T) {
			t.Parallel()
			got := lbc.Check(lookupAny(t, tt.suffix), tt.value)
			if diff := cmp.Diff([]lbc.Issue{tt.want}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func suggesting(issue lbc.Issue, word string) lbc.Issue {
	issue.Suggestion = word
	return issue
}

func keyed(path string, issue lbc.Issue) lbc.Issue {
	issue.Path = path
	return issue
}

func TestCheckReportsEachItem(t *testing.T) {
	t.Parallel()
	got := lbc.Check(lookupAny(t, "inbound-cidrs"), "a, 10.0.0.0/8, b")
	if len(got) != 2 || !strings.Contains(got[0].Message, `"a"`) || !strings.Contains(got[1].Message, `"b"`) {
		t.Errorf("Check = %+v", got)
	}
	if !lbc.Refused(got) {
		t.Error("two refusals are not a refusal")
	}
	if lbc.Refused([]lbc.Issue{soft(lbc.AWS, "x")}) || lbc.Refused(nil) {
		t.Error("a warning is a refusal")
	}
}

func FuzzCheck(f *testing.F) {
	for _, seed := range []string{"internal", "a=b,c", "10.0.0.0/8", "[{\"port\":1}]", "+443", "", "a\\,b=c,", "\xff"} {
		f.Add(seed)
	}
	rows := slices.Concat(lbc.All(lbc.Ingress), lbc.All(lbc.Service))
	f.Fuzz(func(t *testing.T, value string) {
		for _, a := range rows {
			for _, issue := range lbc.Check(a, value) {
				checkIssue(t, issue)
			}
		}
		lbc.Suggest(lbc.Ingress, value)
		lbc.Suggest(lbc.Service, value)
	})
}

// checkIssue holds for every issue: one line of text, and AWS never refuses
// before the controller has spoken.
func checkIssue(t *testing.T, issue lbc.Issue) {
	t.Helper()
	if issue.Message == "" || strings.ContainsAny(issue.Message, "\n\r") {
		t.Errorf("message %q is not one line", issue.Message)
	}
	if issue.By == lbc.AWS && !issue.Soft {
		t.Errorf("%q: only the controller and the API server refuse", issue.Message)
	}
}
