package tfkubernetes

import (
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/terraform"
)

// Chart is a folder that a helm_release installs with values of its own.
type Chart struct {
	// Address is that of the resource.
	Address string
	// Path is as it is written, from the folder that Terraform runs in.
	Path string
}

// Charts returns what may be charts of folders among what resources install: without a
// repository, a chart is a path or an address.
// https://registry.terraform.io/providers/hashicorp/helm/latest/docs/resources/release
func Charts(resources []terraform.Resource) []Chart {
	var out []Chart
	for _, r := range resources {
		chart := r.Attributes.Get("chart")
		isPath := chart != nil && chart.Kind == attr.String && !strings.Contains(chart.Text, "://")
		hasValues := slices.ContainsFunc([]string{"values", "set", "set_list", "set_sensitive", "set_wo", "postrender"}, func(name string) bool {
			return r.Attributes.Get(name).IsSet()
		})
		if r.Type == "helm_release" && isPath && hasValues && !r.Attributes.Get("repository").IsSet() {
			out = append(out, Chart{r.Address, chart.Text})
		}
	}
	return out
}
