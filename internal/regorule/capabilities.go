package regorule

import (
	"slices"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
)

// allowed names the functions of OPA that a rule may call, families with a
// final dot. They are pure: no clock, no randomness, no network, no system
// settings, and no result larger than their arguments ask for, but for those that
// capBuiltins caps. Missing on purpose: http, rand, uuid, opa.runtime, the clock
// and time zones, net.lookup_ip_addr, net.cidr_expand (a /8 has 16 million
// addresses), the JSON-schema functions (they fetch remote schemas), keys and
// certificates; and what can run for ever in one call, where nothing stops it:
// graph.reachable_paths, regex.globs_match, strings.render_template.
var allowed = []string{
	"eq", "assign", "equal", "neq", "gt", "gte", "lt", "lte",
	"internal.member_2", "internal.member_3", "internal.print", "internal.template_string", "internal.test_case", "print",
	"plus", "minus", "mul", "div", "rem", "round", "ceil", "floor", "abs", "bits.",
	"and", "or", "intersection", "union",
	"count", "sum", "product", "max", "min", "sort", "array.", "to_number", "numbers.range", "numbers.range_step",
	"regex.is_valid", "regex.match", "regex.replace", "regex.split", "regex.find_n", "regex.find_all_string_submatch_n",
	"regex.template_match", "glob.",
	"strings.any_prefix_match", "strings.any_suffix_match", "strings.count", "strings.replace_n", "strings.reverse",
	"concat", "format_int", "indexof", "indexof_n", "substring", "contains",
	"startswith", "endswith", "lower", "upper", "split", "replace",
	"trim", "trim_left", "trim_prefix", "trim_right", "trim_suffix", "trim_space", "sprintf",
	"units.", "semver.", "uri.", "urlquery.", "base64.", "base64url.", "hex.",
	"json.filter", "json.remove", "json.patch", "json.marshal", "json.unmarshal", "json.is_valid",
	"yaml.", "object.", "walk", "graph.reachable",
	"crypto.md5", "crypto.sha1", "crypto.sha256", "rego.metadata.", "trace",
	"is_number", "is_string", "is_boolean", "is_array", "is_set", "is_object", "is_null", "type_name",
	// Of older versions of the language.
	"any", "all", "re_match", "set_diff", "cast_array", "cast_set", "cast_string", "cast_boolean", "cast_null", "cast_object",
	"time.add_date", "time.parse_duration_ns", "time.parse_rfc3339_ns",
	"net.cidr_contains", "net.cidr_contains_matches", "net.cidr_intersects", "net.cidr_merge", "net.cidr_is_valid",
	builtinPrefix,
}

// capabilities is the language that rules are written in. The value is shared
// and must not be changed.
var capabilities = sync.OnceValue(func() *ast.Capabilities { return capabilitiesOf(ast.RegoV1) })

// oldCapabilities is the language of policies from before version 1.
var oldCapabilities = sync.OnceValue(func() *ast.Capabilities { return capabilitiesOf(ast.RegoV0) })

func capabilitiesOf(version ast.RegoVersion) *ast.Capabilities {
	register()
	c := ast.CapabilitiesForThisVersion(ast.CapabilitiesRegoVersion(version))
	c.Builtins = slices.DeleteFunc(c.Builtins, func(b *ast.Builtin) bool {
		return !slices.ContainsFunc(allowed, func(a string) bool {
			return a == b.Name || strings.HasSuffix(a, ".") && strings.HasPrefix(b.Name, a)
		})
	})
	c.AllowNet = []string{}
	return c
}
