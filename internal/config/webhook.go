package config

import (
	"strings"
	"time"

	"github.com/ekslint/ekslint/pkg/loader/syntax"
)

// Webhook says what becomes of harm that a change to a running cluster brings.
type Webhook struct {
	Mode      string            `yaml:"mode" enum:"off,audit,warn,enforce" doc:"What becomes of harm where a namespace says nothing else with the label ekslint.io/mode."`
	Rules     map[string]string `yaml:"rules,omitempty" names:"graded" enum:"off,audit,warn,enforce" doc:"Modes of single rules. One that enforces refuses errors that something created next would mend, too."`
	Exempt    Exempt            `yaml:"exempt,omitempty" doc:"Whose changes are not looked at."`
	AWSMaxAge Age               `yaml:"awsMaxAge" doc:"Age from which the AWS side refuses nothing any more, such as 24h."`
	Audit     Audit             `yaml:"audit,omitempty" doc:"The audit of the whole cluster."`
}

// Audit says how often the whole cluster is looked at, and what becomes of that.
type Audit struct {
	Interval Age  `yaml:"interval,omitempty" doc:"Time from one audit to the next, such as 10m. Without it there is none."`
	Reports  bool `yaml:"reports,omitempty" doc:"Whether what audits find is written as PolicyReports."`
}

// Exempt lists namespaces, users and groups.
type Exempt struct {
	Namespaces []string `yaml:"namespaces,omitempty" doc:"Namespaces, by name."`
	Users      []string `yaml:"users,omitempty" doc:"Users, as the API server names them."`
	Groups     []string `yaml:"groups,omitempty" doc:"Groups of users."`
}

// Age is a time span, written as Go does: 90m, 24h.
type Age struct{ time.Duration }

// ageText is what an Age looks like.
const ageText = `^([0-9]+(h|m|s))+$`

func (a *Age) decode(d *decoder, n *syntax.Node) {
	span, err := time.ParseDuration(n.Value)
	if err != nil || n.Kind != syntax.Scalar || span <= 0 {
		d.fail(n, "want a time span such as 24h, have %s", describe(n))
	}
	a.Duration = span
}

// MarshalYAML implements yaml.Marshaler.
func (a Age) MarshalYAML() (any, error) {
	text := a.String()
	for _, nothing := range []string{"m0s", "h0m"} { // 24h0m0s is 24h
		if strings.HasSuffix(text, nothing) {
			text = text[:len(text)-2]
		}
	}
	return text, nil
}
