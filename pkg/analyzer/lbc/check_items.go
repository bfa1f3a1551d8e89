package lbc

import (
	"maps"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// checkItems holds each item of a list against the annotation's item syntax. An
// empty list is a value that was not set.
func checkItems(a Annotation, items []string) []Issue {
	var issues []Issue
	for _, item := range items {
		if wrong := itemProblem(a, item); wrong != "" {
			issues = append(issues, a.violation("%s is not %s", quote(item), wrong))
		}
	}
	return issues
}

// itemProblem says what the item should have been, or "".
func itemProblem(a Annotation, item string) string {
	addr, err := netip.ParseAddr(item)
	switch a.Item {
	case ItemCIDR:
		return cidrProblem(a, item)
	case ItemIPv4:
		if err != nil || !addr.Is4() {
			return "an IPv4 address"
		}
	case ItemIPv6:
		if err != nil || !addr.Is6() {
			return "an IPv6 address"
		}
	case ItemInteger:
		if _, err := strconv.Atoi(item); err != nil {
			return "a port number"
		}
	default: // any text
	}
	return ""
}

// cidrProblem says what the item should have been, or "". Bits after the prefix
// are no problem to the controller. The API server besides takes octets with
// leading zeros:
// https://github.com/kubernetes/kubernetes/blob/v1.34.0/pkg/api/v1/service/util.go
func cidrProblem(a Annotation, item string) string {
	text := item
	if a.By == APIServer {
		text = leadingZeros.ReplaceAllString(item, "$1$2")
	}
	if _, _, err := net.ParseCIDR(text); err == nil {
		return ""
	}
	if addr, err := netip.ParseAddr(item); err == nil && addr.Zone() == "" {
		return "a CIDR block: its prefix length is missing, as in " + item + "/" + strconv.Itoa(addr.BitLen())
	}
	return "a CIDR block such as 10.0.0.0/8"
}

var leadingZeros = regexp.MustCompile(`(^|\.)0+([0-9])`)

// checkMap holds a map against its syntax, its keys and the values the
// controller reads itself. Issues come in the order of the keys.
func checkMap(a Annotation, value string) []Issue {
	pairs, err := StringMap(value)
	if err != nil {
		return []Issue{a.refusal("%v", err)}
	}
	var issues []Issue
	for _, key := range slices.Sorted(maps.Keys(pairs)) {
		if a.MapKeys != nil && !slices.Contains(a.MapKeys, key) {
			issue := withSuggestion(a.violation("key %s is not %s", quote(key), oneOf(a.MapKeys)), key, a.MapKeys)
			issue.Path = key
			issues = append(issues, issue)
			continue
		}
		if wrong := pairProblem(a, key, pairs[key]); wrong != "" {
			issue := a.refusal("%s", wrong)
			issue.Path = key
			issues = append(issues, issue)
		}
	}
	return issues
}

// pairProblem says what is wrong with a pair whose value the controller reads
// itself, or "".
func pairProblem(a Annotation, key, value string) string {
	switch {
	case strings.HasSuffix(a.Suffix, "minimum-load-balancer-capacity"):
		if !isInteger(value) {
			return quote(value) + " is not a whole number"
		}
	case a.Suffix == "frontend-nlb-listener-port-mapping":
		if !isInteger(key) {
			return quote(key) + " is not a port number"
		}
		if !isInteger(value) {
			return quote(value) + " is not a port number"
		}
	case a.Suffix == "aws-load-balancer-target-group-attributes" && key == "preserve_client_ip.enabled":
		if _, ok := Bool(value); !ok {
			return quote(value) + " is not true or false"
		}
	}
	return ""
}

// checkHealthPort holds a health check port against its syntax. A word is looked
// up among the Service's port names, which are not known here; a word that no
// port can have is refused in any case. An unnamed port has the name "".
func checkHealthPort(a Annotation, value string) []Issue {
	if value == "traffic-port" {
		return nil
	}
	if n, err := strconv.ParseInt(value, 10, 32); err == nil {
		if outside(n, 1, 65535) {
			return []Issue{softAt(AWS, "", "%d is outside the 1 to 65535 that AWS accepts", n)}
		}
		return nil
	}
	want := []string{"traffic-port"}
	if a.Type == TypeHealthPortNumber {
		return []Issue{withSuggestion(a.refusal("%s is not a number or traffic-port", quote(value)), value, want)}
	}
	if value == "" || isPortName(value) {
		return nil
	}
	issue := a.refusal("%s is not a number, traffic-port or a Service port name", quote(value))
	return []Issue{withSuggestion(issue, value, want)}
}

// isPortName reports whether a Service port can have the name, which is a DNS
// label:
// https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/#ServiceSpec
func isPortName(name string) bool { return len(name) <= 63 && portName.MatchString(name) }

var portName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)
