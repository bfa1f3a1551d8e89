package regorule

import (
	"slices"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
)

// allowed names the functions of OPA that a rule may call, families with a
// final dot. They are pure: no clock, no randomness, no network, no system
// settings, and no result larger than their arguments ask for. Missing on
// purpose: http, rand, uuid, opa.runtime, the clock and time zones,
// net.lookup_ip_addr, net.cidr_expand (a /8 has 16 million addresses),
// numbers.range (as large as the number says), the JSON-schema functions
// (they fetch remote schemas), keys and certificates.
var allowed = []string{
	"eq", "assign", "equal", "neq", "gt", "gte", "lt", "lte",
	"internal.member_2", "internal.member_3", "internal.print", "internal.template_string", "internal.test_case", "print",
	"plus", "minus", "mul", "div", "rem", "round", "ceil", "floor", "abs", "bits.",
	"and", "or", "intersection", "union",
	"count", "sum", "product", "max", "min", "sort", "array.", "to_number",
	"regex.", "glob.", "strings.", "concat", "format_int", "indexof", "indexof_n", "substring", "contains",
	"startswith", "endswith", "lower", "upper", "split", "replace",
	"trim", "trim_left", "trim_prefix", "trim_right", "trim_suffix", "trim_space", "sprintf",
	"units.", "semver.", "uri.", "urlquery.", "base64.", "base64url.", "hex.",
	"json.filter", "json.remove", "json.patch", "json.marshal", "json.unmarshal", "json.is_valid",
	"yaml.", "object.", "walk", "graph.",
	"is_number", "is_string", "is_boolean", "is_array", "is_set", "is_object", "is_null", "type_name",
	"time.parse_duration_ns", "time.parse_rfc3339_ns",
	"net.cidr_contains", "net.cidr_contains_matches", "net.cidr_intersects", "net.cidr_merge", "net.cidr_is_valid",
	builtinPrefix,
}

// capabilities is the language that rules are written in. The value is shared
// and must not be changed.
var capabilities = sync.OnceValue(func() *ast.Capabilities {
	register()
	c := ast.CapabilitiesForThisVersion()
	c.Builtins = slices.DeleteFunc(c.Builtins, func(b *ast.Builtin) bool {
		return !slices.ContainsFunc(allowed, func(a string) bool {
			return a == b.Name || strings.HasSuffix(a, ".") && strings.HasPrefix(b.Name, a)
		})
	})
	c.AllowNet = []string{}
	return c
})
