# METADATA
# title: dnsPolicy does not suit the pod
# description: |-
#   Fires on a pod on the node's network that names a Service of the cluster in
#   its command, arguments or environment while its dnsPolicy is ClusterFirst or
#   absent, because the kubelet then gives it the node's resolver. It also fires,
#   as an error, on a dnsPolicy None without nameservers and on more than three
#   nameservers, which the API server refuses. It is silent with
#   ClusterFirstWithHostNet, with Default, which asks for the node's resolver on
#   purpose, on Windows, and on pods without such a name; names for certificates
#   and in NO_PROXY do not count.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-dns-policy
# - ref: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-dns-config
# custom:
#   id: DNS-011
#   severity: error
#   kinds: [Workload]
#   reads: [Workload, Service]
#   rationale: >-
#     The resolver of the VPC does not know the names of Services, so the pod
#     starts and then fails to find what it talks to. A pod with a wrong dnsConfig
#     is not created at all.
#   remediation: >-
#     Set dnsPolicy to ClusterFirstWithHostNet. With dnsPolicy None, list one to
#     three nameservers in dnsConfig.
#   since: 0.1.0
package ekslint.rules.dns.host_network_without_cluster_dns

findings contains {"message": message, "ref": facts.holder, "path": path, "severity": "warning", "related": related} if {
	pod := pod_spec(input.object)
	pod.hostNetwork == true
	object.get(pod, "dnsPolicy", "ClusterFirst") == "ClusterFirst"
	not windows(pod)
	facts := ekslint.facts(input.ref)
	places := [p | some p in cluster_names(pod)]
	first := places[0]
	message := sprintf("%s %q uses the node's network and its resolver, which does not know %q: dnsPolicy is ClusterFirst", [
		input.ref.kind, input.ref.name, first.name,
	])
	path := array.concat(facts.template_path, ["spec", field(pod)])
	related := [{"message": sprintf("%q is named here", [first.name]), "ref": facts.holder, "path": array.concat(facts.template_path, first.path)}]
}

findings contains {"message": message, "ref": facts.holder, "path": path, "severity": "error", "related": related} if {
	pod := pod_spec(input.object)
	[reason, at] := refused(pod)
	facts := ekslint.facts(input.ref)
	message := sprintf("%s %q is refused by the API server: %s", [input.ref.kind, input.ref.name, reason])
	path := array.concat(facts.template_path, array.concat(["spec"], at))
	related := [{"message": reason, "ref": facts.holder, "path": array.concat(facts.template_path, ["spec", "dnsConfig", "nameservers"])}]
}

pod_spec(object) := spec if {
	spec := object.spec.template.spec
} else := spec if {
	spec := object.spec.jobTemplate.spec.template.spec
} else := object.spec

refused(pod) := ["dnsPolicy None needs nameservers in dnsConfig", ["dnsPolicy"]] if {
	pod.dnsPolicy == "None"
	count(object.get(pod, ["dnsConfig", "nameservers"], [])) == 0
}

refused(pod) := [sprintf("dnsConfig lists %d nameservers, at most 3 are allowed", [listed]), ["dnsConfig", "nameservers"]] if {
	listed := count(pod.dnsConfig.nameservers)
	listed > 3
}

field(pod) := "dnsPolicy" if pod.dnsPolicy

else := "hostNetwork"

windows(pod) if pod.nodeSelector["kubernetes.io/os"] == "windows"

windows(pod) if pod.os.name == "windows"

# The texts of the pod that name a Service, with their paths below the template.
cluster_names(pod) := {{"name": name, "path": path} |
	some list in ["containers", "initContainers"]
	some i, container in pod[list]
	some text in texts(container)
	not names_itself(text)
	some name in names(text)
	path := array.concat(["spec", list, i], text.path)
}

texts(container) := {{"value": value, "path": [field, i]} |
	some field in ["command", "args"]
	some i, value in container[field]
} | {{"value": variable.value, "path": ["env", i, "value"], "variable": variable.name} |
	some i, variable in container.env
}

# Names in certificates and exceptions of a proxy are not looked up.
names_itself(text) if regex.match(`(?i)(no_proxy|dns-?_?name|[-_]sans?\b|sni|server[-_]?name|cert|issuer|audience)`, purpose(text))

purpose(text) := text.variable if {
	text.variable
} else := split(text.value, "=")[0]

names(text) := regex.find_n(`[a-z0-9][-a-z0-9]*\.[a-z0-9][-a-z0-9]*\.svc\b`, text.value, 1) if contains(text.value, ".svc")

else := [host] if {
	regex.match(`(HOST|URL|URI|ADDR|ADDRESS|ENDPOINT|SERVER|DSN)S?$`, upper(text.variable))
	host := regex.find_all_string_submatch_n(`^(?:[a-z][a-z0-9+.-]*://)?(?:[^/@]*@)?([a-z0-9][-a-z0-9]*)(?::[0-9]+)?(?:/.*)?$`, text.value, 1)[0][1]
	ekslint.get("Service", input.ref.namespace, host)
}
