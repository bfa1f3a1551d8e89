package graph

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/ekslint/ekslint/pkg/model"
	"github.com/ekslint/ekslint/pkg/model/placeholder"
)

const addonKubeProxy = "kube-proxy"

// ProxyMode is the mode of kube-proxy, such as iptables or ipvs, with the resource and
// the place that say so: the ConfigMap that EKS gives it, or the configuration of its
// add-on. It is empty where the input does not show it or leaves it at its default.
// https://docs.aws.amazon.com/eks/latest/best-practices/ipvs.html
func (g *Graph) ProxyMode() (mode string, by *model.Resource, at model.Path) {
	var config struct {
		Mode string `json:"mode"`
	}
	const key = "config"
	r := g.snapshot.Get(model.Ref{Kind: model.KindConfigMap.Kind, Namespace: policyEngineSpace, Name: "kube-proxy-config"})
	if r == nil {
		a, ok := g.addon(addonKubeProxy)
		if !ok || !a.values(&config) {
			return "", nil, nil
		}
		return config.Mode, a.resource, a.at
	}
	object, ok := r.Object.(*corev1.ConfigMap)
	if !ok || r.IsUnknown("data", key) || placeholder.In(object.Data[key]) || yaml.Unmarshal([]byte(object.Data[key]), &config) != nil {
		return "", nil, nil
	}
	at = model.Path{"data", key}
	for i, line := range strings.Split(object.Data[key], "\n") {
		if strings.HasPrefix(line, "mode:") {
			at = at.Child(model.Line(i + 1))
			break
		}
	}
	return config.Mode, r, at
}
