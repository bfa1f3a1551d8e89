package lbc

import "slices"

// serviceTable lists the annotations under service.beta.kubernetes.io that the
// controller reads, in the order of the documentation:
// https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.5.0/docs/guide/service/annotations.md
var serviceTable = []Annotation{
	{Family: Service, Suffix: "load-balancer-source-ranges", Type: TypeStringList, Item: ItemCIDR, By: APIServer, Merge: MergeNone, Default: "0.0.0.0/0 (+ ::/0 dualstack)", OnService: true, Anchor: "lb-source-ranges"},
	{Family: Service, Suffix: "aws-load-balancer-security-group-prefix-lists", Type: TypeStringList, Merge: MergeNone, OnService: true, Anchor: "lb-security-group-prefix-lists"},
	{Family: Service, Suffix: "aws-load-balancer-type", Type: TypeEnum, Enum: []string{"external", "nlb-ip"}, LegacyEnum: []string{"nlb", "clb"}, Lenient: true, Merge: MergeNone, OnService: true, Anchor: "lb-type"},
	{Family: Service, Suffix: "aws-load-balancer-nlb-target-type", Type: TypeEnum, Enum: []string{"instance", "ip"}, Conditional: true, Merge: MergeNone, OnService: true, Anchor: "nlb-target-type"},
	{Family: Service, Suffix: "aws-load-balancer-name", Type: TypeString, Regex: balancerName, MaxLen: 32, By: AWS, Merge: MergeNone, OnService: true, Anchor: "load-balancer-name"},
	{Family: Service, Suffix: "aws-load-balancer-internal", Type: TypeBoolean, Conditional: true, Merge: MergeNone, Default: "false", OnService: true, Deprecated: "aws-load-balancer-scheme", Anchor: "lb-internal"},
	{Family: Service, Suffix: "aws-load-balancer-scheme", Type: TypeEnum, Enum: []string{"internal", "internet-facing"}, Merge: MergeNone, Default: "internal", OnService: true, Anchor: "lb-scheme"},
	{Family: Service, Suffix: "aws-load-balancer-proxy-protocol", Type: TypeEnum, Enum: []string{"*"}, Merge: MergeNone, OnService: true, Anchor: "proxy-protocol-v2"},
	{Family: Service, Suffix: "aws-load-balancer-proxy-protocol-per-target-group", Type: TypeStringList, Item: ItemInteger, Merge: MergeNone, OnService: true, Anchor: "proxy-protocol-v2"},
	{Family: Service, Suffix: "aws-load-balancer-ip-address-type", Type: TypeEnum, Enum: []string{"ipv4", "dualstack"}, Merge: MergeNone, Default: "ipv4", OnService: true, Anchor: "ip-address-type"},
	{Family: Service, Suffix: "aws-load-balancer-access-log-enabled", Type: TypeBoolean, Merge: MergeNone, Default: "false", OnService: true, Deprecated: "aws-load-balancer-attributes", Anchor: "deprecated-attributes"},
	{Family: Service, Suffix: "aws-load-balancer-access-log-s3-bucket-name", Type: TypeString, Merge: MergeNone, OnService: true, Deprecated: "aws-load-balancer-attributes", Anchor: "deprecated-attributes"},
	{Family: Service, Suffix: "aws-load-balancer-access-log-s3-bucket-prefix", Type: TypeString, Merge: MergeNone, OnService: true, Deprecated: "aws-load-balancer-attributes", Anchor: "deprecated-attributes"},
	{Family: Service, Suffix: "aws-load-balancer-cross-zone-load-balancing-enabled", Type: TypeBoolean, Merge: MergeNone, Default: "false", OnService: true, Deprecated: "aws-load-balancer-attributes", Anchor: "deprecated-attributes"},
	{Family: Service, Suffix: "aws-load-balancer-ssl-cert", Type: TypeStringList, Merge: MergeNone, OnService: true, Anchor: "ssl-cert"},
	{Family: Service, Suffix: "aws-load-balancer-ssl-ports", Type: TypeStringList, Merge: MergeNone, OnService: true, Anchor: "ssl-ports"},
	{Family: Service, Suffix: "aws-load-balancer-ssl-negotiation-policy", Type: TypeString, Merge: MergeNone, Default: "ELBSecurityPolicy-2016-08", OnService: true, Anchor: "ssl-negotiation-policy"},
	{Family: Service, Suffix: "aws-load-balancer-backend-protocol", Type: TypeEnum, Enum: []string{"ssl", "tcp"}, LegacyEnum: []string{"http", "https"}, Lenient: true, Merge: MergeNone, Default: "tcp", OnService: true, Anchor: "backend-protocol"},
	{Family: Service, Suffix: "aws-load-balancer-additional-resource-tags", Type: TypeStringMap, Merge: MergeNone, OnService: true, Anchor: "additional-resource-tags"},
	{Family: Service, Suffix: "aws-load-balancer-healthcheck-protocol", Type: TypeEnum, Enum: []string{"tcp", "http", "https"}, FoldCase: true, Merge: MergeNone, Default: "tcp (http if externalTrafficPolicy Local)", OnService: true, Anchor: "healthcheck-protocol"},
	{Family: Service, Suffix: "aws-load-balancer-healthcheck-port", Type: TypeHealthPort, Merge: MergeNone, Default: "traffic-port; spec.healthCheckNodePort if externalTrafficPolicy Local", OnService: true, Anchor: "healthcheck-port"},
	{Family: Service, Suffix: "aws-load-balancer-healthcheck-path", Type: TypeString, Merge: MergeNone, Default: `"/" for HTTP(S) protocols`, OnService: true, Anchor: "healthcheck-path"},
	{Family: Service, Suffix: "aws-load-balancer-healthcheck-healthy-threshold", Type: TypeInteger, Merge: MergeNone, Default: "3", OnService: true, Anchor: "healthcheck-healthy-threshold"},
	{Family: Service, Suffix: "aws-load-balancer-healthcheck-unhealthy-threshold", Type: TypeInteger, Merge: MergeNone, Default: "3", OnService: true, Anchor: "healthcheck-unhealthy-threshold"},
	{Family: Service, Suffix: "aws-load-balancer-healthcheck-timeout", Type: TypeInteger, Merge: MergeNone, Default: "10", OnService: true, Anchor: "healthcheck-timeout"},
	{Family: Service, Suffix: "aws-load-balancer-healthcheck-interval", Type: TypeInteger, Merge: MergeNone, Default: "10", OnService: true, Anchor: "healthcheck-interval"},
	{Family: Service, Suffix: "aws-load-balancer-healthcheck-success-codes", Type: TypeString, Regex: successCodes, By: AWS, Merge: MergeNone, Default: "200-399", OnService: true, Anchor: "healthcheck-success-codes"},
	{Family: Service, Suffix: "aws-load-balancer-eip-allocations", Type: TypeStringList, Merge: MergeNone, OnService: true, Anchor: "eip-allocations"},
	{Family: Service, Suffix: "aws-load-balancer-private-ipv4-addresses", Type: TypeStringList, Item: ItemIPv4, By: AWS, Merge: MergeNone, OnService: true, Anchor: "private-ipv4-addresses"},
	{Family: Service, Suffix: "aws-load-balancer-ipv6-addresses", Type: TypeStringList, Item: ItemIPv6, By: AWS, Merge: MergeNone, OnService: true, Anchor: "ipv6-addresses"},
	{Family: Service, Suffix: "aws-load-balancer-target-group-attributes", Type: TypeStringMap, Merge: MergeNone, OnService: true, Anchor: "target-group-attributes"},
	{Family: Service, Suffix: "aws-load-balancer-subnets", Type: TypeStringList, Merge: MergeNone, OnService: true, Anchor: "subnets"},
	{Family: Service, Suffix: "aws-load-balancer-alpn-policy", Type: TypeEnum, Enum: []string{"HTTP1Only", "HTTP2Only", "HTTP2Optional", "HTTP2Preferred", "None"}, Conditional: true, Merge: MergeNone, Default: "None", OnService: true, Anchor: "alpn-policy"},
	{Family: Service, Suffix: "aws-load-balancer-target-node-labels", Type: TypeStringMap, Conditional: true, Merge: MergeNone, OnService: true, Anchor: "target-node-labels"},
	{Family: Service, Suffix: "aws-load-balancer-attributes", Type: TypeStringMap, Merge: MergeNone, OnService: true, Anchor: "load-balancer-attributes"},
	{Family: Service, Suffix: "aws-load-balancer-security-groups", Type: TypeStringList, Merge: MergeNone, OnService: true, Anchor: "security-groups"},
	{Family: Service, Suffix: "aws-load-balancer-manage-backend-security-group-rules", Type: TypeBoolean, Merge: MergeNone, Default: "true", OnService: true, Anchor: "manage-backend-sg-rules"},
	{Family: Service, Suffix: "aws-load-balancer-inbound-sg-rules-on-private-link-traffic", Type: TypeEnum, Enum: []string{"on", "off"}, Merge: MergeNone, OnService: true, Anchor: "update-security-settings"},
	{Family: Service, Suffix: "aws-load-balancer-listener-attributes.${Protocol}-${Port}", Type: TypeStringMap, Merge: MergeNone, OnService: true, Templated: true, Anchor: "listener-attributes"},
	{Family: Service, Suffix: "aws-load-balancer-multi-cluster-target-group", Type: TypeBoolean, Merge: MergeNone, Default: "false", OnService: true, Anchor: "multi-cluster-target-group"},
	{Family: Service, Suffix: "aws-load-balancer-enable-prefix-for-ipv6-source-nat", Type: TypeEnum, Enum: []string{"on", "off"}, Conditional: true, Merge: MergeNone, Default: "off", OnService: true, Anchor: "enable-prefix-for-ipv6-source-nat"},
	{Family: Service, Suffix: "aws-load-balancer-source-nat-ipv6-prefixes", Type: TypeStringList, Merge: MergeNone, OnService: true, Anchor: "source-nat-ipv6-prefixes"},
	{Family: Service, Suffix: "aws-load-balancer-minimum-load-balancer-capacity", Type: TypeStringMap, MapKeys: []string{"CapacityUnits"}, Merge: MergeNone, OnService: true, Anchor: "load-balancer-capacity-reservation"},
	{Family: Service, Suffix: "aws-load-balancer-enable-icmp-for-path-mtu-discovery", Type: TypeEnum, Enum: []string{"on", "off"}, Conditional: true, Merge: MergeNone, OnService: true, Anchor: "icmp-path-mtu-discovery"},
	{Family: Service, Suffix: "aws-load-balancer-enable-tcp-udp-listener", Type: TypeBoolean, Merge: MergeNone, Default: "false", OnService: true, Anchor: "tcp-udp-listener"},
	{Family: Service, Suffix: "aws-load-balancer-disable-nlb-sg", Type: TypeBoolean, Merge: MergeNone, Default: "false", OnService: true, Anchor: "nlb-sg-disable"},
	{Family: Service, Suffix: "aws-load-balancer-quic-enabled-ports", Type: TypeStringList, Merge: MergeNone, OnService: true, Anchor: "nlb-quic-enabled"},
	{Family: Service, Suffix: "actions.${protocol}-${port}", Type: TypeJSON, Merge: MergeNone, OnService: true, Templated: true, Anchor: "nlb-default-action"},
	{Family: Service, Suffix: "aws-load-balancer-quic-enabled-containers", Type: TypeStringList, Merge: MergeNone, OnPod: true},
}

// IsLegacy reports whether a suffix under service.beta.kubernetes.io is read by
// the cloud provider's own service controller and not by the load balancer
// controller:
// https://github.com/kubernetes/cloud-provider-aws/blob/master/docs/service_controller.md
func IsLegacy(suffix string) bool {
	return slices.Contains([]string{
		"aws-load-balancer-access-log-emit-interval",
		"aws-load-balancer-connection-draining-enabled",
		"aws-load-balancer-connection-draining-timeout",
		"aws-load-balancer-connection-idle-timeout",
		"aws-load-balancer-extra-security-groups",
	}, suffix)
}
