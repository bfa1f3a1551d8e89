package tfkubernetes_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/loader/terraform"
	"github.com/ekslint/ekslint/pkg/loader/tfkubernetes"
	"github.com/ekslint/ekslint/pkg/model"
)

const inShop = "\nmetadata {\n name = \"a\"\n namespace = \"shop\"\n}\n"

const template = `template {
  metadata { labels = { app = "a" } }
  spec {
    host_network = true
    container {
      name = "a"
      port { container_port = "80" }
    }
  }
}
`

const madeTemplate = `{metadata: {labels: {app: a}}, spec: {hostNetwork: true, containers: [{name: a, ports: [{containerPort: 80}]}]}}`

// TestKinds: a resource of each type as the manifest of what it makes. It covers
// what testdata/shop.tf does not.
func TestKinds(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ typ, body, want string }{
		"stateful set": {
			"stateful_set", inShop + `spec {
  service_name = "a"
  pod_management_policy = "Parallel"
  selector { match_labels = { app = "a" } }
  update_strategy {
    type = "RollingUpdate"
    rolling_update { partition = 1 }
  }
  ` + template + `
  volume_claim_template {
    metadata { name = "data" }
    spec {
      access_modes = ["ReadWriteOnce"]
      resources { requests = { storage = "1Gi" } }
    }
  }
}`, `apps/v1 StatefulSet {serviceName: a, podManagementPolicy: Parallel, selector: {matchLabels: {app: a}}, updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 1}}, template: ` + madeTemplate +
				`, volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]}`,
		},
		"the strategy of a daemon set": {
			"daemonset", inShop + `spec {
  strategy { type = "OnDelete" }
  ` + template + `}`, `apps/v1 DaemonSet {updateStrategy: {type: OnDelete}, template: ` + madeTemplate + `}`,
		},
		"daemon set":             {"daemon_set_v1", inShop + "spec {\n" + template + "}", `apps/v1 DaemonSet {template: ` + madeTemplate + `}`},
		"replication controller": {"replication_controller", inShop + "spec {\n selector = { some_app = \"a\" }\n" + template + "}", `v1 ReplicationController {selector: {some_app: a}, template: ` + madeTemplate + `}`},
		"no replicas":            {"deployment_v1", inShop + "spec {\n replicas = 0\n" + template + "}", `apps/v1 Deployment {replicas: 0, template: ` + madeTemplate + `}`},
		"job": {
			"job", inShop + "spec {\n completions = 2\n parallelism = 0\n ttl_seconds_after_finished = \"60\"\n" + template + "}",
			`batch/v1 Job {completions: 2, parallelism: 0, ttlSecondsAfterFinished: 60, template: ` + madeTemplate + `}`,
		},
		"cron job": {
			"cron_job_v1", inShop + "spec {\n schedule = \"* * * * *\"\n timezone = \"Etc/UTC\"\n job_template {\n metadata {}\n spec {\n" + template + "}\n}\n}",
			`batch/v1 CronJob {schedule: "* * * * *", timeZone: Etc/UTC, jobTemplate: {spec: {template: ` + madeTemplate + `}}}`,
		},
		"pod": {"pod_v1", inShop + "spec {\n dns_policy = \"None\"\n subdomain = \"db\"\n active_deadline_seconds = 0\n}", `v1 Pod {dnsPolicy: None, subdomain: db}`},
		"headless Service": {
			"service", inShop + "spec {\n cluster_ip = \"None\"\n publish_not_ready_addresses = true\n load_balancer_ip = \"\"\n ip_families = [\"IPv6\"]\n port {\n  port = 80\n  target_port = \"0080\"\n  node_port = 0\n }\n}",
			`v1 Service {clusterIP: None, publishNotReadyAddresses: true, ipFamilies: [IPv6], ports: [{port: 80, targetPort: 80}]}`,
		},
		"a Service without a load balancer": {
			"service", inShop + "spec {\n type = \"NodePort\"\n allocate_load_balancer_node_ports = true\n load_balancer_class = \"x/y\"\n}", `v1 Service {type: NodePort}`,
		},
		"a load balancer's class": {
			"service", inShop + "spec {\n type = \"LoadBalancer\"\n load_balancer_class = \"x/y\"\n}", `v1 Service {type: LoadBalancer, loadBalancerClass: x/y}`,
		},
		"ingress class": {
			"ingress_class_v1", "\nmetadata { name = \"a\" }\nspec {\n controller = \"ingress.k8s.aws/alb\"\n parameters {\n  api_group = \"elbv2.k8s.aws\"\n  kind = \"IngressClassParams\"\n  name = \"alb\"\n }\n}",
			`networking.k8s.io/v1 IngressClass {controller: ingress.k8s.aws/alb, parameters: {apiGroup: elbv2.k8s.aws, kind: IngressClassParams, name: alb}}`,
		},
		"disruption budget": {
			"pod_disruption_budget_v1", inShop + "spec {\n max_unavailable = \"20%\"\n min_available = \"1\"\n selector { match_labels = { app = \"a\" } }\n}",
			`policy/v1 PodDisruptionBudget {maxUnavailable: 20%, minAvailable: 1, selector: {matchLabels: {app: a}}}`,
		},
		"autoscaler by processors": {
			"horizontal_pod_autoscaler", inShop + "spec {\n max_replicas = 9\n target_cpu_utilization_percentage = 70\n scale_target_ref {\n  kind = \"Deployment\"\n  name = \"a\"\n }\n}",
			`autoscaling/v1 HorizontalPodAutoscaler {maxReplicas: 9, targetCPUUtilizationPercentage: 70, scaleTargetRef: {kind: Deployment, name: a}}`,
		},
		"autoscaler": {"horizontal_pod_autoscaler_v1", inShop + "spec { max_replicas = 9 }", `autoscaling/v1 HorizontalPodAutoscaler {maxReplicas: 9}`},
		"a rule with nothing": {
			"network_policy", inShop + "spec {\n pod_selector {}\n policy_types = []\n ingress {\n  from {}\n  ports {}\n }\n}",
			`networking.k8s.io/v1 NetworkPolicy {podSelector: {}, ingress: [{from: [{}], ports: [{}]}]}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fields := strings.SplitN(tt.want, " ", 3)
			data := "{name: a, namespace: shop}"
			if fields[1] == "IngressClass" {
				data = "{name: a}"
			}
			want, got := map[model.Ref]metav1.Object{}, map[model.Ref]metav1.Object{}
			yaml := fmt.Sprintf("{apiVersion: %s, kind: %s, metadata: %s, spec: %s}", fields[0], fields[1], data, fields[2])
			documents, _ := manifest.Documents(&manifest.File{Name: "a.yaml", Text: []byte(yaml)})
			collect(t, want, manifest.NewReader(nil).Read(documents[0]))
			resources := configured(fmt.Sprintf("resource \"kubernetes_%s\" \"a\" {%s\n}\n", tt.typ, tt.body))
			collect(t, got, tfkubernetes.Load("main.tf", resources, manifest.NewReader(nil)))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-manifest +Terraform:\n%s", diff)
			}
		})
	}
}

// TestUnknown: what is not known is never taken for what is not there.
func TestUnknown(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		typ, body string
		want      []string
	}{
		"no namespace":      {"service", "\nmetadata { name = \"a\" }", []string{"Service default/a []"}},
		"an empty one":      {"service", "\nmetadata {\n name = \"a\"\n namespace = \"\"\n}", []string{"Service default/a []"}},
		"no metadata":       {"service", "", []string{`services in "" true: kubernetes_service.a is not known`}},
		"a port":            {"service", inShop + "spec {\n port { port = var.x }\n}", []string{"Service shop/a [spec.ports[0].port]"}},
		"ports":             {"service", inShop + "spec {\n port { port = 1 }\n dynamic \"port\" {\n  for_each = var.x\n  content { port = 2 }\n }\n}", []string{"Service shop/a [spec.ports]"}},
		"labels":            {"service", inShop + "spec { selector = var.x }", []string{"Service shop/a [spec.selector]"}},
		"a label":           {"service", inShop + "spec { selector = { app = var.x } }", []string{"Service shop/a [spec.selector.app]"}},
		"an element":        {"service", inShop + "spec { load_balancer_source_ranges = [var.x, \"10.0.0.0/8\"] }", []string{"Service shop/a [spec.loadBalancerSourceRanges[0]]"}},
		"a rule":            {"network_policy", inShop + "spec {\n dynamic \"egress\" {\n  for_each = var.x\n  content {}\n }\n}", []string{"NetworkPolicy shop/a [spec.egress]"}},
		"the specification": {"network_policy", inShop + "dynamic \"spec\" {\n for_each = var.x\n content {}\n}", []string{`policies in "shop" false: kubernetes_network_policy.a is not known`}},
		"the metadata":      {"deployment", "\ndynamic \"metadata\" {\n for_each = var.x\n content {}\n}", []string{`workloads in "" true: kubernetes_deployment.a is not known`}},
		"the namespace":     {"service_v1", "\nmetadata {\n name = \"a\"\n namespace = var.x\n}", []string{`services in "" true: kubernetes_service_v1.a is not known`}},
		"the name": {
			"service_v1", "\nmetadata { name = var.x }",
			[]string{"Service default/${kubernetes_service_v1.a} [metadata.name]", `services in "default" false: kubernetes_service_v1.a is not known`},
		},
		"a name to come": {
			"deployment", "\nmetadata {\n generate_name = \"a-\"\n namespace = \"shop\"\n}",
			[]string{"Deployment shop/${kubernetes_deployment.a} [metadata.name]", `workloads in "shop" false: kubernetes_deployment.a is not known`},
		},
		"the name of a policy":            {"network_policy", "\nmetadata { name = var.x }", []string{"NetworkPolicy default/${kubernetes_network_policy.a} [metadata.name]"}},
		"the name of a class":             {"ingress_class", "\nmetadata { name = var.x }", []string{`ingressclasses in "" true: kubernetes_ingress_class.a is not known`}},
		"whether it is made":              {"service", inShop + "count = var.x", []string{`services in "shop" false: kubernetes_service.a[*] is not known`}},
		"whether one without a domain is": {"config_map", inShop + "count = var.x", nil},
		"an endpoint slice": {
			"endpoint_slice_v1", inShop + "address_type = \"IPv4\"\nendpoint {\n addresses = [\"10.0.0.1\"]\n condition { ready = true }\n}\nport { port = \"80\" }", []string{"EndpointSlice shop/a []"},
		},
		"whether a slice is made": {"endpoint_slice_v1", inShop + "count = var.x", []string{`workloads in "shop" false: kubernetes_endpoint_slice_v1.a[*] is not known`}},
		"the name of endpoints": {
			"endpoints_v1", "\nmetadata {\n name = var.x\n namespace = \"shop\"\n}\nsubset {\n address { ip = \"10.0.0.1\" }\n}",
			[]string{`workloads in "shop" false: kubernetes_endpoints_v1.a is not known`},
		},
		"an old Ingress": {
			"ingress", inShop + "spec {}",
			[]string{"kubernetes_ingress.a: networking.k8s.io/v1beta1 Ingress is not read: Kubernetes 1.22 removed this API version"},
		},
		"an old CronJob": {
			"cron_job", inShop, []string{
				`workloads in "shop" false: CronJob shop/a of batch/v1beta1 is not read`,
				"kubernetes_cron_job.a: batch/v1beta1 CronJob is not read: Kubernetes 1.25 removed this API version",
			},
		},
		"an old autoscaler": {
			"horizontal_pod_autoscaler", inShop + "spec {\n metric {}\n}",
			[]string{"kubernetes_horizontal_pod_autoscaler.a: autoscaling/v2beta2 HorizontalPodAutoscaler is not read: Kubernetes 1.26 removed this API version"},
		},
		"another type": {"secret", inShop, nil},
		"a wrong value": {
			"service", inShop + "spec {\n port { port = \"eighty\" }\n}",
			[]string{"Service shop/a [spec.ports[0].port]", `problem kubernetes_service.a: spec.ports[0].port: want a number, found "eighty"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resources := configured(fmt.Sprintf("variable \"x\" {}\nresource \"kubernetes_%s\" \"a\" {%s\n}\n", tt.typ, tt.body))
			part := tfkubernetes.Load("main.tf", resources, manifest.NewReader(nil))
			if diff := cmp.Diff(tt.want, lines(part)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestNulls: a block without attributes and an empty text may be null in a plan.
func TestNulls(t *testing.T) {
	t.Parallel()
	const values = `{"metadata": [{"name": "a", "labels": {"a": null, "b": ""}, "annotations": {}}],
		"spec": [{"pod_selector": [null], "policy_types": ["Ingress", null], "ingress": [null, {"from": [], "ports": [null]}, {"from": [{"pod_selector": [null], "namespace_selector": []}]}], "egress": []}]}`
	n, err := syntax.ParseJSON([]byte(values))
	if err != nil {
		t.Fatal(err)
	}
	part := tfkubernetes.Load("main.tf", []terraform.Resource{{
		Type: "kubernetes_network_policy", Attributes: attr.FromJSON(n, "main.tf", 0), At: model.Span{File: "main.tf"},
	}}, manifest.NewReader(nil))
	want := &networkingv1.NetworkPolicy{
		TypeMeta:   metav1.TypeMeta{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy"},
		ObjectMeta: metav1.ObjectMeta{Name: "a", Namespace: "default", Labels: map[string]string{"b": ""}},
		Spec: networkingv1.NetworkPolicySpec{
			PolicyTypes: []networkingv1.PolicyType{"Ingress", ""},
			Ingress: []networkingv1.NetworkPolicyIngressRule{
				{}, {Ports: []networkingv1.NetworkPolicyPort{{}}}, {From: []networkingv1.NetworkPolicyPeer{{PodSelector: &metav1.LabelSelector{}}}},
			},
		},
	}
	if diff := cmp.Diff([]string{"NetworkPolicy default/a []"}, lines(part)); diff != "" {
		t.Fatalf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(want, part.Resources[0].Object); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestAliases: what may be for another cluster is no object of this one.
func TestAliases(t *testing.T) {
	t.Parallel()
	const (
		here       = "resource \"kubernetes_service\" \"a\" {" + inShop + "}\n"
		west       = "resource \"kubernetes_service\" \"b\" {\nprovider = kubernetes.west" + inShop + "}\n"
		east       = "resource \"kubernetes_service\" \"c\" {\nprovider = kubernetes.east" + inShop + "}\n"
		other      = "resource \"aws_vpc\" \"v\" { provider = aws.far }\n"
		everything = `workloads,services,policies,namespaces,ingressclasses in "" true: `
		made       = "resource \"kubernetes_manifest\" \"m\" {\nprovider = kubernetes.west\nmanifest = { apiVersion = \"v1\", kind = \"Service\", metadata = { name = \"m\" } }\n}\n"
	)
	for name, tt := range map[string]struct {
		configuration string
		want          []string
	}{
		"the default and another": {here + west + other, []string{"Service shop/a []", `services in "shop" false: kubernetes_service.b is not known`}},
		"the only one":            {west + other, []string{"Service shop/a []"}},
		"Helm has another":        {west + "resource \"helm_release\" \"h\" {}\n", []string{"Service shop/a []", everything + "helm_release.h is not rendered"}},
		"two":                     {west + east, []string{`services in "shop" false: kubernetes_service.b is not known`, `services in "shop" false: kubernetes_service.c is not known`}},
		"a manifest":              {here + made, []string{"Service shop/a []", everything + "kubernetes_manifest.m is not known"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			part := tfkubernetes.Load("main.tf", configured(tt.configuration), manifest.NewReader(nil))
			if diff := cmp.Diff(tt.want, lines(part)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func lines(part model.Fragment) []string {
	var out []string
	for _, r := range part.Resources {
		out = append(out, fmt.Sprintf("%s %s", r.Ref, r.Unknown))
	}
	for _, o := range part.Opaque {
		out = append(out, fmt.Sprintf("%s in %q %v: %s", o.Domains, o.Namespace, o.AnyNamespace, o.Why))
	}
	for _, n := range part.Notes {
		out = append(out, n.Message)
	}
	for _, p := range part.Problems {
		out = append(out, "problem "+p.Message)
	}
	return out
}

// TestPlaces: what a rule points at is the attribute or the block.
func TestPlaces(t *testing.T) {
	t.Parallel()
	configuration := text(t, "shop.tf")
	part := tfkubernetes.Load("main.tf", configured(configuration), manifest.NewReader(nil))
	for _, tt := range []struct{ kind, path, want string }{
		{"Deployment", "", `resource "kubernetes_deployment" "web"`},
		{"Deployment", "kind", `resource "kubernetes_deployment" "web"`},
		{"Deployment", "spec", "spec {"},
		{"Deployment", "spec.replicas", "2"},
		{"Deployment", "spec.template.metadata.labels.some_tier", `""`},
		{"Deployment", "spec.template.spec.containers.0.ports.1.hostPort", "5353"},
		{"Deployment", "spec.template.spec.containers.0.ports", "port {"},
		{"Deployment", "spec.template.spec.dnsConfig.options.0.value", "2"},
		{"Deployment", "spec.template.spec.containers.0.livenessProbe.httpGet.port", `"http"`},
		{"Service", "spec.ports.0.targetPort", "port.value.target"},
		{"Service", "spec.ports.1.nodePort", "30053"},
		{"Ingress", "spec.rules.0.http.paths.1.pathType", "path {"},
		{"Ingress", "metadata.annotations.alb.ingress.kubernetes.io/scheme", `"internal"`},
	} {
		for _, r := range part.Resources {
			if r.Ref.Kind != tt.kind {
				continue
			}
			path := strings.Split(tt.path, ".")
			switch {
			case tt.path == "":
				path = nil
			case strings.HasPrefix(tt.path, "metadata.annotations."):
				path = []string{"metadata", "annotations", strings.TrimPrefix(tt.path, "metadata.annotations.")}
			}
			at, ok := r.Source.Locate(path, model.PartValue)
			got, _, _ := strings.Cut(configuration[at.Start:at.End], "\n")
			if !ok || got != tt.want {
				t.Errorf("%s %s: got %q, want %q", tt.kind, tt.path, got, tt.want)
			}
		}
	}
}
