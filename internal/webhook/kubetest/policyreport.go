package kubetest

import (
	"context"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/yaml"
)

// policyReport is a definition of a kind of report with what its first publication takes,
// and nothing else: what is not listed is dropped.
const policyReport = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: PLURAL.wgpolicyk8s.io}
spec:
  group: wgpolicyk8s.io
  scope: SCOPE
  names: {kind: KIND, plural: PLURAL}
  versions:
  - name: v1alpha2
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          summary:
            type: object
            properties:
              pass: {type: integer}
              fail: {type: integer}
              warn: {type: integer}
              error: {type: integer}
              skip: {type: integer}
          results:
            type: array
            items:
              type: object
              required: [policy]
              properties:
                source: {type: string}
                policy: {type: string}
                rule: {type: string}
                category: {type: string}
                severity: {type: string, enum: [high, low, medium]}
                result: {type: string, enum: [pass, fail, warn, error, skip]}
                scored: {type: boolean}
                message: {type: string}
                properties: {type: object, additionalProperties: {type: string}}
                timestamp:
                  type: object
                  required: [seconds, nanos]
                  properties:
                    seconds: {type: integer, format: int64}
                    nanos: {type: integer, format: int32}
                resources:
                  type: array
                  items:
                    type: object
                    properties:
                      apiVersion: {type: string}
                      kind: {type: string}
                      namespace: {type: string}
                      name: {type: string}
                      uid: {type: string}
`

// DefinePolicyReports installs the kinds of policy reports.
func (s *Server) DefinePolicyReports() {
	s.t.Helper()
	client := dynamic.NewForConfigOrDie(s.Config())
	for kind, scope := range map[string]string{"PolicyReport": "Namespaced", "ClusterPolicyReport": "Cluster"} {
		plural := strings.ToLower(kind) + "s"
		text := strings.NewReplacer("PLURAL", plural, "KIND", kind, "SCOPE", scope).Replace(policyReport)
		u := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(text), &u.Object); err != nil {
			s.t.Fatal(err)
		}
		definitions := schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}
		if _, err := client.Resource(definitions).Create(s.t.Context(), u, metav1.CreateOptions{}); err != nil {
			s.t.Fatal(err)
		}
		s.awaitKind(client, schema.GroupVersionResource{Group: "wgpolicyk8s.io", Version: "v1alpha2", Resource: plural})
	}
}

// awaitKind waits until a kind is served.
func (s *Server) awaitKind(client dynamic.Interface, kind schema.GroupVersionResource) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		_, err := client.Resource(kind).List(ctx, metav1.ListOptions{})
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			s.t.Fatalf("%s: %v", kind.Resource, err)
		}
	}
}
