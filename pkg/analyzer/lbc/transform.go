package lbc

import "fmt"

// The types of a Transform.
const (
	TransformHostHeader = "host-header-rewrite"
	TransformURL        = "url-rewrite"
)

// Transform is a change that a load balancer makes to a request.
type Transform struct {
	Type     string
	Rewrites []Rewrite
}

// Rewrite replaces what a regular expression matches. In Replace, $1 is the
// first group.
type Rewrite struct {
	Regex   string `json:"regex"`
	Replace string `json:"replace"`
}

type transformJSON struct {
	Type       string        `json:"type"`
	HostHeader *rewritesJSON `json:"hostHeaderRewriteConfig"`
	URL        *rewritesJSON `json:"urlRewriteConfig"`
}

type rewritesJSON struct {
	Rewrites []Rewrite `json:"rewrites"`
}

// ParseTransforms reads the value of a transforms annotation. The result is nil
// when the value cannot be decoded, and lacks transforms that are refused.
func ParseTransforms(value string) ([]Transform, []Issue) {
	raws, issue := decode[[]transformJSON](value)
	if issue != nil {
		return nil, []Issue{*issue}
	}
	var transforms []Transform
	var issues []Issue
	for i, raw := range raws {
		transform, issue := raw.parse(fmt.Sprintf("[%d]", i))
		if issue != nil {
			issues = append(issues, *issue)
			continue
		}
		transforms = append(transforms, transform)
	}
	return transforms, issues
}

func (t transformJSON) parse(path string) (Transform, *Issue) {
	switch t.Type {
	case TransformHostHeader:
		return t.rewrites(path, "hostHeaderRewriteConfig", t.HostHeader)
	case TransformURL:
		return t.rewrites(path, "urlRewriteConfig", t.URL)
	default:
		types := []string{TransformHostHeader, TransformURL}
		issue := at(path+".type", "transform type %s is not %s", quote(t.Type), oneOf(types))
		issue = withSuggestion(issue, t.Type, types)
		return Transform{}, &issue
	}
}

func (t transformJSON) rewrites(path, name string, config *rewritesJSON) (Transform, *Issue) {
	path += "." + name
	if config == nil {
		issue := at(path, "a %s transform has no %s", t.Type, name)
		return Transform{}, &issue
	}
	if len(config.Rewrites) == 0 {
		issue := at(path+".rewrites", "%s has no rewrites", name)
		return Transform{}, &issue
	}
	return Transform{Type: t.Type, Rewrites: config.Rewrites}, nil
}
