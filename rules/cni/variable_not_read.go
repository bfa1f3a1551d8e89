package cni

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// VariableNotRead is CNI-008.
func VariableNotRead() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "CNI-008",
			Title:    "Variable that the VPC CNI does not read",
			Category: "cni",
			Description: `Fires on a variable of the VPC CNI whose name is all but that of one that it reads, which is not set as well; on a switch
whose value is neither true nor false to it, unless the word means the default; on a number that is none; and on a
word that a variable with a fixed choice does not take. It is silent on other names, which may be those of another
release, on log levels, on empty values, and on the security groups' enforcing mode where pods have no interfaces of
their own.`,
			Rationale: `The VPC CNI goes on with its default as though nothing was set, and says so in a log file on the node at most; some values it
refuses, and the node never becomes ready.`,
			Remediation: `Write the name as the documentation has it, with its upper and lower case, and a value of its type: true or false, a whole
number, or one of the words.`,
			Severity: rule.Warning,
			Kinds:    []string{"DaemonSet", eks.KindCluster},
			Refs: []string{
				"https://github.com/aws/amazon-vpc-cni-k8s/blob/master/README.md#cni-configuration-variables",
				"https://github.com/aws/amazon-vpc-cni-k8s/blob/master/utils/utils.go",
				"https://github.com/aws/amazon-vpc-cni-k8s/blob/master/pkg/ipamd/ipamd.go",
			},
			Since: "0.1.0",
		},
		Run: variableNotRead,
	}
}

func variableNotRead(p *rule.Pass, o graph.Object) {
	cni, here := settings(p, o)
	if !here {
		return
	}
	known := variables()
	for _, v := range cni.Written() {
		kind, listed := known[v.Name]
		if !listed {
			misspelt(p, cni, v, near(v.Name, known))
			continue
		}
		if what := kind.refuses(v.Value); what != "" && v.Known && v.Value != "" && used(cni, v.Name) {
			p.Report(rule.Finding{
				Message: fmt.Sprintf("%s of the VPC CNI is %q, %s", v.Name, v.Value, what),
				At:      rule.SpanAt(v.ValueAt), Key: v.Name,
			})
		}
	}
}

// misspelt reports a name that stands for a variable which is not set.
func misspelt(p *rule.Pass, cni graph.CNI, v graph.Variable, meant string) {
	set := func(other graph.Variable) bool { return other.Name == meant }
	if meant == "" || slices.ContainsFunc(cni.Written(), set) {
		return
	}
	p.Report(rule.Finding{
		Message: fmt.Sprintf("The VPC CNI reads no variable %s, only %s", v.Name, meant), At: rule.SpanAt(v.NameAt), Key: v.Name,
	})
}

// used reports whether the VPC CNI looks at a variable.
func used(cni graph.CNI, name string) bool {
	if name != "POD_SECURITY_GROUP_ENFORCING_MODE" {
		return true
	}
	on, _ := cni.Switch("ENABLE_POD_ENI", false)
	return on == model.Yes
}

// refuses says what is wrong with a value; empty when it is read as it is meant.
func (v variable) refuses(value string) string {
	switch v.kind {
	case toggle:
		if _, err := strconv.ParseBool(value); err != nil && meaning(value) != strconv.FormatBool(v.on) {
			return fmt.Sprintf("which it reads as neither true nor false and takes for %t", v.on)
		}
	case number:
		if _, err := strconv.Atoi(value); err != nil {
			return "which is no whole number"
		}
	case choice:
		if v.folded {
			value = strings.ToLower(value)
		}
		if !slices.Contains(v.words, value) {
			return "and it takes " + strings.Join(v.words, ", ")
		}
	case text:
	}
	return ""
}

// meaning is what people mean by a word for a switch.
func meaning(word string) string {
	switch strings.ToLower(strings.TrimSpace(word)) {
	case "true", "yes", "y", "on", "enable", "enabled":
		return "true"
	case "false", "no", "n", "off", "disable", "disabled":
		return "false"
	default:
		return ""
	}
}
