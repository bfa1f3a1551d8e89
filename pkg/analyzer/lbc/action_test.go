package lbc_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/lbc"
)

func TestParseAction(t *testing.T) {
	t.Parallel()
	weight := func(n int32) *int32 { return &n }
	tests := []struct {
		name, value string
		want        lbc.Action
		issues      []lbc.Issue
	}{
		{
			"redirect", `{"type":"redirect","redirectConfig":{"protocol":"HTTPS","port":"443","host":"#{host}","statusCode":"HTTP_301"}}`,
			lbc.Action{Type: "redirect", Redirect: &lbc.Redirect{Protocol: "HTTPS", Port: "443", Host: "#{host}", StatusCode: "HTTP_301"}},
			nil,
		},
		{
			"capital keys of the first controller", `{"Type":"redirect","RedirectConfig":{"Protocol":"HTTPS","Port":"443","StatusCode":"HTTP_302"},"extra":[]}`,
			lbc.Action{Type: "redirect", Redirect: &lbc.Redirect{Protocol: "HTTPS", Port: "443", StatusCode: "HTTP_302"}},
			nil,
		},
		{
			"redirect without config", `{"type":"redirect"}`,
			lbc.Action{Type: "redirect"},
			[]lbc.Issue{keyed("redirectConfig", hard("a redirect action has no redirectConfig"))},
		},
		{
			"redirect without code", `{"type":"redirect","redirectConfig":{"port":"443"}}`,
			lbc.Action{Type: "redirect", Redirect: &lbc.Redirect{Port: "443"}},
			[]lbc.Issue{keyed("redirectConfig.statusCode", hard("redirectConfig has no statusCode"))},
		},
		{
			"redirect with a plain code", `{"type":"redirect","redirectConfig":{"statusCode":"301"}}`,
			lbc.Action{Type: "redirect", Redirect: &lbc.Redirect{StatusCode: "301"}},
			[]lbc.Issue{keyed("redirectConfig.statusCode", soft(lbc.AWS, `statusCode "301" is not HTTP_301 or HTTP_302`))},
		},
		{
			"code as a number", `{"type":"redirect","redirectConfig":{"statusCode":301}}`,
			lbc.Action{},
			[]lbc.Issue{keyed("redirectConfig.statusCode", hard("redirectConfig.statusCode is a number, not a string"))},
		},
		{
			"port as a number", `{"type":"redirect","redirectConfig":{"port":443,"statusCode":"HTTP_301"}}`,
			lbc.Action{},
			[]lbc.Issue{keyed("redirectConfig.port", hard("redirectConfig.port is a number, not a string"))},
		},
		{
			"fixed response", `{"type":"fixed-response","fixedResponseConfig":{"contentType":"text/plain","statusCode":"503","messageBody":"no"}}`,
			lbc.Action{Type: "fixed-response", FixedResponse: &lbc.FixedResponse{ContentType: "text/plain", StatusCode: "503", MessageBody: "no"}},
			nil,
		},
		{
			"fixed response without code", `{"type":"fixed-response","fixedResponseConfig":{}}`,
			lbc.Action{Type: "fixed-response", FixedResponse: &lbc.FixedResponse{}},
			[]lbc.Issue{keyed("fixedResponseConfig.statusCode", hard("fixedResponseConfig has no statusCode"))},
		},
		{
			"fixed response without config", `{"type":"fixed-response"}`,
			lbc.Action{Type: "fixed-response"},
			[]lbc.Issue{keyed("fixedResponseConfig", hard("a fixed-response action has no fixedResponseConfig"))},
		},
		{
			"short forward", `{"type":"forward","targetGroupARN":"arn"}`,
			lbc.Action{Type: "forward", TargetGroups: []lbc.TargetGroup{{TargetGroupARN: "arn"}}},
			nil,
		},
		{
			"short forward by name", `{"type":"forward","targetGroupName":"tg"}`,
			lbc.Action{Type: "forward", TargetGroups: []lbc.TargetGroup{{TargetGroupName: "tg"}}},
			nil,
		},
		{
			"long forward", `{"type":"forward","forwardConfig":{"targetGroups":[{"serviceName":"a","servicePort":"http","weight":20},{"serviceName":"b","servicePort":80,"weight":0},{"targetGroupARN":"arn","weight":999}],"targetGroupStickinessConfig":{"enabled":true,"durationSeconds":200}}}`,
			lbc.Action{Type: "forward", TargetGroups: []lbc.TargetGroup{
				{ServiceName: "a", ServicePort: "http", Weight: weight(20)},
				{ServiceName: "b", ServicePort: "80", Weight: weight(0)},
				{TargetGroupARN: "arn", Weight: weight(999)},
			}},
			nil,
		},
		{
			"one group needs no weight", `{"type":"forward","forwardConfig":{"targetGroups":[{"serviceName":"a","servicePort":"80"}]}}`,
			lbc.Action{Type: "forward", TargetGroups: []lbc.TargetGroup{{ServiceName: "a", ServicePort: "80"}}},
			nil,
		},
		{
			"forward to nothing", `{"type":"forward"}`,
			lbc.Action{Type: "forward"},
			[]lbc.Issue{keyed("forwardConfig", hard("a forward action has no forwardConfig and no targetGroupARN or targetGroupName"))},
		},
		{
			"forward both ways", `{"type":"forward","targetGroupARN":"arn","forwardConfig":{"targetGroups":[]}}`,
			lbc.Action{Type: "forward"},
			[]lbc.Issue{keyed("forwardConfig", hard("a forward action has a forwardConfig and a targetGroupARN or targetGroupName; want one of them"))},
		},
		{
			"empty list", `{"type":"forward","forwardConfig":{"targetGroups":[]}}`,
			lbc.Action{Type: "forward"},
			[]lbc.Issue{keyed("forwardConfig.targetGroups", soft(lbc.AWS, "forwardConfig lists no target group"))},
		},
		{
			"bad groups", `{"type":"forward","forwardConfig":{"targetGroups":[{"weight":1},{"serviceName":"a","targetGroupARN":"b","weight":1},{"serviceName":"a","weight":1000},{"serviceName":"a","servicePort":1}]}}`,
			lbc.Action{Type: "forward", TargetGroups: []lbc.TargetGroup{
				{Weight: weight(1)},
				{ServiceName: "a", TargetGroupARN: "b", Weight: weight(1)},
				{ServiceName: "a", Weight: weight(1000)},
				{ServiceName: "a", ServicePort: "1"},
			}},
			[]lbc.Issue{
				keyed("forwardConfig.targetGroups[0]", hard("a target group has no serviceName and no targetGroupARN or targetGroupName")),
				keyed("forwardConfig.targetGroups[1]", hard("a target group has a serviceName and a targetGroupARN or targetGroupName; want one of them")),
				keyed("forwardConfig.targetGroups[2].servicePort", hard(`the target group for Service "a" has no servicePort`)),
				keyed("forwardConfig.targetGroups[2].weight", soft(lbc.AWS, "weight 1000 is outside the 0 to 999 that AWS accepts")),
				keyed("forwardConfig.targetGroups[3].weight", hard("one of 4 target groups has no weight")),
			},
		},
		{
			"port of another type", `{"type":"forward","forwardConfig":{"targetGroups":[{"serviceName":"a","servicePort":true}]}}`,
			lbc.Action{},
			[]lbc.Issue{keyed("forwardConfig.targetGroups.servicePort", hard("forwardConfig.targetGroups.servicePort is true or false, not a number or a string"))},
		},
		{
			"port with a fraction", `{"type":"forward","forwardConfig":{"targetGroups":[{"serviceName":"a","servicePort":80.5}]}}`,
			lbc.Action{},
			[]lbc.Issue{keyed("forwardConfig.targetGroups.servicePort", hard("forwardConfig.targetGroups.servicePort is the number 80.5, not a number or a string"))},
		},
		{
			"weight as a string", `{"type":"forward","forwardConfig":{"targetGroups":[{"serviceName":"a","servicePort":80,"weight":"1"}]}}`,
			lbc.Action{},
			[]lbc.Issue{keyed("forwardConfig.targetGroups.weight", hard("forwardConfig.targetGroups.weight is a string, not a whole number in range"))},
		},
		{
			"the config of another type is not looked at", `{"type":"redirect","redirectConfig":{"statusCode":"HTTP_301"},"forwardConfig":{}}`,
			lbc.Action{Type: "redirect", Redirect: &lbc.Redirect{StatusCode: "HTTP_301"}},
			nil,
		},
		{
			"unknown type", `{"type":"Redirect"}`,
			lbc.Action{Type: "Redirect"},
			[]lbc.Issue{keyed("type", suggesting(hard(`action type "Redirect" is not forward, redirect or fixed-response; did you mean "redirect"?`), "redirect"))},
		},
		{
			"null", `null`,
			lbc.Action{},
			[]lbc.Issue{keyed("type", hard(`action type "" is not forward, redirect or fixed-response`))},
		},
		{
			"list", `[]`, lbc.Action{}, []lbc.Issue{hard("the value is a list, not an object")},
		},
		{
			"not JSON", `{type: forward}`,
			lbc.Action{},
			[]lbc.Issue{hard(`"{type: forward}" is not JSON: invalid character 't' looking for beginning of object key string`)},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, issues := lbc.ParseAction(tt.value)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("action (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.issues, issues); diff != "" {
				t.Errorf("issues (-want +got):\n%s", diff)
			}
		})
	}
}

func TestServicePortNumber(t *testing.T) {
	t.Parallel()
	for port, want := range map[lbc.ServicePort]int{"80": 80, "0080": 80, "+80": 80, "http": 0, "": 0, "80 ": 0} {
		if n, ok := port.Number(); n != want || ok != (want != 0) {
			t.Errorf("%q: %d, %v, want %d", port, n, ok, want)
		}
	}
}

func TestUsesOwnTargetGroup(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{
		`{"type":"forward","targetGroupName":"tg"}`:                                                  true,
		`{"type":"forward","forwardConfig":{"targetGroups":[{"targetGroupARN":"a"}]}}`:               true,
		`{"type":"forward","forwardConfig":{"targetGroups":[{"serviceName":"a","servicePort":80}]}}`: false,
		`{"type":"redirect","targetGroupARN":"a","redirectConfig":{"statusCode":"HTTP_301"}}`:        false,
	} {
		action, _ := lbc.ParseAction(value)
		if got := action.UsesOwnTargetGroup(); got != want {
			t.Errorf("%s: %v, want %v", value, got, want)
		}
	}
}

func FuzzParseAction(f *testing.F) {
	for _, seed := range []string{
		`{"type":"redirect","redirectConfig":{"statusCode":"HTTP_301"}}`,
		`{"type":"forward","forwardConfig":{"targetGroups":[{"serviceName":"a","servicePort":80,"weight":1}]}}`,
		`{"type":"forward","forwardConfig":{"targetGroups":[{"servicePort":null},{"servicePort":{}}]}}`,
		`{"type":"fixed-response"}`, `null`, `[]`, `{"servicePort":`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		_, issues := lbc.ParseAction(value)
		_, more := lbc.ParseJWTValidation(value)
		for _, issue := range append(issues, more...) {
			checkIssue(t, issue)
		}
	})
}
