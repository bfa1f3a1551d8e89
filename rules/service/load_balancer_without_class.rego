# METADATA
# title: LoadBalancer Service is left to the legacy cloud provider
# description: |-
#   Fires on a Service of type LoadBalancer that names no load balancer class and
#   has no annotation by which the AWS Load Balancer Controller takes it. Who
#   makes the load balancer then depends on the cluster: the controller's webhook
#   sets a class on new Services, EKS Auto Mode does the same, and without both
#   the cloud provider of Kubernetes makes a Classic Load Balancer. It is a
#   warning where the input shows neither, and a note where the input does not
#   tell. It is silent where the webhook or Auto Mode is in the input, and on
#   Services with a class of any controller.
# related_resources:
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/docs/guide/service/annotations.md#legacy-cloud-provider
# - ref: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/pkg/service/service_utils.go
# - ref: https://docs.aws.amazon.com/eks/latest/userguide/auto-configure-nlb.html
# custom:
#   id: SVC-001
#   severity: warning
#   kinds: [Service]
#   reads: [Workload]
#   rationale: >-
#     The legacy cloud provider only receives fixes. It faces the internet unless
#     told otherwise, sends traffic through node ports, and ignores most
#     annotations of the AWS Load Balancer Controller, so the load balancer is
#     not the one that the manifest describes.
#   remediation: >-
#     Set spec.loadBalancerClass to service.k8s.aws/nlb, or to
#     eks.amazonaws.com/nlb on EKS Auto Mode. A Service that already has a load
#     balancer keeps it: the class cannot be changed later, so create the Service
#     anew.
#   since: 0.1.0
package ekslint.rules.service.load_balancer_without_class

findings contains {"message": message, "path": path, "severity": severity} if {
	input.object.spec.type == "LoadBalancer"
	facts := ekslint.facts(input.ref)
	facts.classless == "yes"
	[severity, who] := takers[facts.manager]
	kind := balancer(facts.settings)
	message := sprintf("Service %q of type LoadBalancer names no load balancer class, so the legacy cloud provider makes a %s of it%s", [input.ref.name, kind, who])
	path := place(facts.settings)
}

takers := {
	"legacy": ["warning", ": neither the webhook of the AWS Load Balancer Controller nor EKS Auto Mode is in the input"],
	"unknown": ["note", " unless the webhook of the AWS Load Balancer Controller or EKS Auto Mode sets one"],
}

type_annotation := "aws-load-balancer-type"

default balancer(_) := "Classic Load Balancer"

balancer(settings) := "Network Load Balancer" if settings[type_annotation].value == "nlb"

default place(_) := ["spec", "type"]

place(settings) := settings[type_annotation].path if settings[type_annotation].value
