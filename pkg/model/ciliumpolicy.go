package model

import (
	"encoding/json"
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// CiliumNetworkPolicy is the part that decides of a CiliumNetworkPolicy or
// CiliumClusterwideNetworkPolicy: https://docs.cilium.io/en/stable/security/policy/
type CiliumNetworkPolicy struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              *CiliumRule  `json:"spec,omitempty"`
	Specs             []CiliumRule `json:"specs,omitempty"`
}

// CiliumRule is one rule with both directions. A rule with NodeSelector is for
// nodes and not for pods.
type CiliumRule struct {
	EndpointSelector  *metav1.LabelSelector   `json:"endpointSelector,omitempty"`
	NodeSelector      *metav1.LabelSelector   `json:"nodeSelector,omitempty"`
	Ingress           []CiliumDirectionRule   `json:"ingress,omitempty"`
	IngressDeny       []CiliumDirectionRule   `json:"ingressDeny,omitempty"`
	Egress            []CiliumDirectionRule   `json:"egress,omitempty"`
	EgressDeny        []CiliumDirectionRule   `json:"egressDeny,omitempty"`
	EnableDefaultDeny CiliumEnableDefaultDeny `json:"enableDefaultDeny,omitempty"`
}

// CiliumEnableDefaultDeny says whether the sections of a rule isolate; absent
// means that they do when they hold something.
type CiliumEnableDefaultDeny struct {
	Ingress *bool `json:"ingress,omitempty"`
	Egress  *bool `json:"egress,omitempty"`
}

// CiliumDirectionRule is an element of one of the four sections. The lists of
// peers differ between absent and empty: an empty one names nothing.
type CiliumDirectionRule struct {
	FromEndpoints []metav1.LabelSelector `json:"fromEndpoints,omitempty"`
	FromCIDR      []string               `json:"fromCIDR,omitempty"`
	FromCIDRSet   []CiliumCIDR           `json:"fromCIDRSet,omitempty"`
	FromEntities  []string               `json:"fromEntities,omitempty"`
	ToEndpoints   []metav1.LabelSelector `json:"toEndpoints,omitempty"`
	ToCIDR        []string               `json:"toCIDR,omitempty"`
	ToCIDRSet     []CiliumCIDR           `json:"toCIDRSet,omitempty"`
	ToEntities    []string               `json:"toEntities,omitempty"`
	ToFQDNs       []CiliumFQDN           `json:"toFQDNs,omitempty"`
	ToPorts       []CiliumPortRule       `json:"toPorts,omitempty"`
	ICMPs         []json.RawMessage      `json:"icmps,omitempty"`
	// Authentication is asked of the traffic besides.
	Authentication *CiliumAuthentication `json:"authentication,omitempty"`
	// Others names the fields that are written besides those above, sorted.
	Others []string `json:"-"`
}

// UnmarshalJSON keeps the names of fields that are not read, because each of
// them may change what the rule means.
func (r *CiliumDirectionRule) UnmarshalJSON(text []byte) error {
	type plain CiliumDirectionRule
	if err := json.Unmarshal(text, (*plain)(r)); err != nil {
		return err //nolint:wrapcheck // the decoder adds the place
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(text, &fields); err != nil {
		return err //nolint:wrapcheck // the decoder adds the place
	}
	for _, known := range []string{
		"fromEndpoints", "fromCIDR", "fromCIDRSet", "fromEntities", "toEndpoints", "toCIDR", "toCIDRSet", "toEntities",
		"toFQDNs", "toPorts", "icmps", "authentication",
	} {
		delete(fields, known)
	}
	r.Others = slices.Sorted(maps.Keys(fields))
	return nil
}

// CiliumAuthentication says how both ends prove who they are.
type CiliumAuthentication struct {
	Mode string `json:"mode,omitempty"`
}

// CiliumCIDR is a CIDR minus its exceptions, or the name of a list of CIDRs
// that another object holds.
type CiliumCIDR struct {
	CIDR              string                `json:"cidr,omitempty"`
	Except            []string              `json:"except,omitempty"`
	CIDRGroupRef      string                `json:"cidrGroupRef,omitempty"`
	CIDRGroupSelector *metav1.LabelSelector `json:"cidrGroupSelector,omitempty"`
}

// CiliumFQDN is a name or a pattern of names outside the cluster.
type CiliumFQDN struct {
	MatchName    string `json:"matchName,omitempty"`
	MatchPattern string `json:"matchPattern,omitempty"`
}

// CiliumPortRule is a list of ports and what is asked of the traffic to them.
type CiliumPortRule struct {
	Ports []CiliumPort   `json:"ports,omitempty"`
	Rules *CiliumL7Rules `json:"rules,omitempty"`
	// Listener and the two ends of TLS send the traffic to a proxy, which may
	// refuse it. ServerNames are the only ones that it may ask TLS for.
	Listener       json.RawMessage `json:"listener,omitempty"`
	TerminatingTLS json.RawMessage `json:"terminatingTLS,omitempty"`
	OriginatingTLS json.RawMessage `json:"originatingTLS,omitempty"`
	ServerNames    []string        `json:"serverNames,omitempty"`
}

// CiliumPort is a number, a name or, with EndPort, a range of ports; "0" is
// every port. An absent protocol is any.
type CiliumPort struct {
	Port     string `json:"port,omitempty"`
	EndPort  int32  `json:"endPort,omitempty"`
	Protocol string `json:"protocol,omitempty"`
}

// CiliumL7Rules ask for more than addresses and ports.
type CiliumL7Rules struct {
	HTTP    []json.RawMessage `json:"http,omitempty"`
	Kafka   []json.RawMessage `json:"kafka,omitempty"`
	DNS     []CiliumFQDN      `json:"dns,omitempty"`
	L7Proto string            `json:"l7proto,omitempty"`
	L7      []json.RawMessage `json:"l7,omitempty"`
}
