package deploy

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
)

// Release is one installation of the chart.
type Release struct {
	Name, Namespace string
	Values          map[string]any
	// Tool is what installs it.
	Tool string
}

// Plain is the release that the plain manifests are made of.
func Plain() Release {
	return Release{Name: "ekslint-webhook", Namespace: "ekslint-system", Tool: "kubectl"}
}

// Render returns what the templates of the chart in a folder give, by the name of the
// template. Values that its schema refuses are an error, and so is one that it does not have.
func Render(ctx context.Context, dir string, r Release) (map[string]string, error) {
	c, err := loader.LoadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	options := common.ReleaseOptions{Name: r.Name, Namespace: r.Namespace, Revision: 1, IsInstall: true}
	values, err := util.ToRenderValues(c, r.Values, options, common.DefaultCapabilities)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	release, err := values.Table("Release")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	release["Service"] = r.Tool
	texts, err := engine.Engine{Strict: true}.RenderWithContext(ctx, c, values)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	out := map[string]string{}
	for name, text := range texts {
		if text = strings.TrimSpace(text); text != "" {
			out[strings.TrimPrefix(name, c.Name()+"/templates/")] = text + "\n"
		}
	}
	return out, nil
}

// namespace is what Helm makes of --create-namespace, but that it may hold no pods which
// are allowed more than those of the chart.
const namespace = `# DO NOT EDIT: make generate renders deploy/chart.
#
#     kubectl apply --server-side --filename ekslint-webhook.yaml
apiVersion: v1
kind: Namespace
metadata:
  name: %s
  labels:
    app.kubernetes.io/name: ekslint-webhook
    app.kubernetes.io/instance: %s
    app.kubernetes.io/managed-by: %s
    pod-security.kubernetes.io/enforce: restricted
    pod-security.kubernetes.io/warn: restricted
`

// Manifests is the text of the plain manifests: the chart in a folder with its values as
// they are, and a namespace for it.
func Manifests(ctx context.Context, dir string) ([]byte, error) {
	r := Plain()
	texts, err := Render(ctx, dir, r)
	if err != nil {
		return nil, err
	}
	delete(texts, "NOTES.txt")
	return append(fmt.Appendf(nil, namespace+"---\n", r.Namespace, r.Name, r.Tool), Joined(texts)...), nil
}

// Joined is one text of what Render returns.
func Joined(texts map[string]string) []byte {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		out = append(out, texts[name])
	}
	return []byte(strings.Join(out, "---\n"))
}
