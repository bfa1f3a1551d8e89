package lbc_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/lbc"
)

func TestListenPorts(t *testing.T) {
	t.Parallel()
	http, https := func(p int) lbc.Listener { return lbc.Listener{Port: p, Protocol: "HTTP"} },
		func(p int) lbc.Listener { return lbc.Listener{Port: p, Protocol: "HTTPS"} }
	list := func(l ...lbc.Listener) []lbc.Listener { return l }
	noPort := soft(lbc.Controller, "the list names no port, so the load balancer has no listener")
	both := soft(lbc.Controller, "port 80 is listed as HTTP and as HTTPS; only one of them takes effect")
	tests := []struct {
		value  string
		want   []lbc.Listener
		issues []lbc.Issue
	}{
		{`[{"HTTP": 80}]`, list(http(80)), nil},
		{`[{"HTTPS": 443}, {"HTTP": 80}]`, list(https(443), http(80)), nil},
		{`[{"HTTP":80,"HTTPS":443}]`, list(http(80), https(443)), nil},
		{`[{"HTTPS":443,"HTTP":80}]`, list(https(443), http(80)), nil},
		{`[{"HTTP":80},{"HTTP":8080},{"HTTP":80}]`, list(http(80), http(8080)), nil},
		{" [ {\"HTTP\" : 80 } , {} ]\n", list(http(80)), nil},
		{`[{"HTTP":80,"HTTP":8080}]`, list(http(8080)), nil},
		{`[{"HTTP":0,"HTTP":8080}]`, list(http(8080)), nil},
		{`[null,{"HTTP":1}]`, list(http(1)), nil},
		{`[{"HTTP":65535}]`, list(http(65535)), nil},

		{`[{}]`, nil, []lbc.Issue{noPort}},
		{`[null]`, nil, []lbc.Issue{noPort}},
		{`[{"HTTP":80},{"HTTPS":80}]`, list(http(80), https(80)), []lbc.Issue{both}},
		{`[{"HTTP":80,"HTTPS":80}]`, list(http(80), https(80)), []lbc.Issue{both}},

		{``, nil, []lbc.Issue{hard(`the value is empty, which is not JSON; want a list such as [{"HTTP": 80}, {"HTTPS": 443}]`)}},
		{`{"HTTP":80}`, nil, []lbc.Issue{hard(`the value is an object, not a list; want a list such as [{"HTTP": 80}, {"HTTPS": 443}]`)}},
		{`443`, nil, []lbc.Issue{hard(`the value is a number, not a list; want a list such as [{"HTTP": 80}, {"HTTPS": 443}]`)}},
		{`HTTP:80`, nil, []lbc.Issue{hard(`"HTTP:80" is not JSON: invalid character 'H' looking for beginning of value; want a list such as [{"HTTP": 80}, {"HTTPS": 443}]`)}},
		{`[{"HTTP":80}`, nil, []lbc.Issue{hard(`"[{\"HTTP\":80}" is not JSON: unexpected end of JSON input; want a list such as [{"HTTP": 80}, {"HTTPS": 443}]`)}},
		{`null`, nil, []lbc.Issue{hard(`"null" lists no port; want a list such as [{"HTTP": 80}]`)}},
		{`[]`, nil, []lbc.Issue{hard(`"[]" lists no port; want a list such as [{"HTTP": 80}]`)}},
		{`[80]`, nil, []lbc.Issue{keyed("[0]", hard(`"80" is not an object such as {"HTTP": 80}`))}},
		{`[{"HTTP":"80"}]`, nil, []lbc.Issue{keyed("[0].HTTP", hard(`port "80" is a string; want a number without quotes`))}},
		{`[{"HTTP":"80","HTTP":80}]`, nil, []lbc.Issue{keyed("[0].HTTP", hard(`port "80" is a string; want a number without quotes`))}},
		{`[{"HTTP":80.0}]`, nil, []lbc.Issue{keyed("[0].HTTP", hard(`port "80.0" is not a whole number from 1 to 65535`))}},
		{`[{"HTTP":8e1}]`, nil, []lbc.Issue{keyed("[0].HTTP", hard(`port "8e1" is not a whole number from 1 to 65535`))}},
		{`[{"HTTP":[80]}]`, nil, []lbc.Issue{keyed("[0].HTTP", hard(`port "[80]" is not a whole number from 1 to 65535`))}},
		{`[{"HTTP":0}]`, nil, []lbc.Issue{keyed("[0].HTTP", hard(`port 0 is outside 1 to 65535`))}},
		{`[{"HTTP":null}]`, nil, []lbc.Issue{keyed("[0].HTTP", hard(`port null is outside 1 to 65535`))}},
		{`[{"HTTP":65536}]`, nil, []lbc.Issue{keyed("[0].HTTP", hard(`port 65536 is outside 1 to 65535`))}},
		{`[{"HTTP":-1}]`, nil, []lbc.Issue{keyed("[0].HTTP", hard(`port -1 is outside 1 to 65535`))}},
		{`[{"http":80}]`, nil, []lbc.Issue{keyed("[0]", suggesting(hard(`key "http" is not HTTP or HTTPS; did you mean "HTTP"?`), "HTTP"))}},
		{`[{"TCP":80}]`, nil, []lbc.Issue{keyed("[0]", hard(`key "TCP" is not HTTP or HTTPS`))}},
		{`[{"HTTP":80},{"HTTPS":"443"}]`, nil, []lbc.Issue{keyed("[1].HTTPS", hard(`port "443" is a string; want a number without quotes`))}},
	}
	for _, tt := range tests {
		t.Run(tt.value, func(t *testing.T) {
			t.Parallel()
			got, issues := lbc.ListenPorts(tt.value)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("listeners (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.issues, issues); diff != "" {
				t.Errorf("issues (-want +got):\n%s", diff)
			}
		})
	}
}

// portsByMap reads the value through a map, as the controller does. The order is
// lost, and so is all but one protocol of a port.
func portsByMap(value string) (map[int32]bool, error) {
	var entries []map[string]int32
	if err := json.Unmarshal([]byte(value), &entries); err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		return nil, errors.New("no entries")
	}
	ports := map[int32]bool{}
	for _, entry := range entries {
		for protocol, port := range entry {
			if protocol != "HTTP" && protocol != "HTTPS" || port < 1 || port > 65535 {
				return nil, errors.New("bad entry")
			}
			ports[port] = true
		}
	}
	return ports, nil
}

func FuzzListenPorts(f *testing.F) {
	for _, seed := range []string{
		`[{"HTTP":80,"HTTPS":443}]`, `[{"HTTP":80,"HTTP":81}]`, `[null]`, `[{}]`, `{}`, `[[]]`, `[{"HTTP":-0}]`,
		`[{"HTTP":1e2}]`, `[{"HTTP":{"HTTP":1}}]`, `[{"HTTP":99999999999}]`, `[{"HTTP":"\ud800"}]`, `[{"HT\u0054P":80}]`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		got, issues := lbc.ListenPorts(value)
		for _, issue := range issues {
			checkIssue(t, issue)
		}
		want, err := portsByMap(value)
		if (err != nil) != lbc.Refused(issues) {
			t.Fatalf("ListenPorts(%q): %+v, but by map: %v", value, issues, err)
		}
		ports := map[int32]bool{}
		for _, listener := range got {
			ports[int32(listener.Port)] = true
		}
		if err == nil && !cmp.Equal(want, ports) {
			t.Fatalf("ListenPorts(%q) = %v, but by map %v", value, got, want)
		}
	})
}
