package lbc

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
)

// The types of an Action.
const (
	ActionForward       = "forward"
	ActionRedirect      = "redirect"
	ActionFixedResponse = "fixed-response"
)

// Action is the value of an actions annotation: what a listener rule does.
type Action struct {
	Type string
	// Redirect is set when Type is ActionRedirect, FixedResponse when it is
	// ActionFixedResponse.
	Redirect      *Redirect
	FixedResponse *FixedResponse
	// TargetGroups are those of a forward, also when the short form with one
	// target group was written.
	TargetGroups []TargetGroup
}

// Redirect is where a request is sent. An absent part is empty and keeps that of
// the request; a part may hold the request's own as #{protocol}, #{host},
// #{port}, #{path} and #{query}.
type Redirect struct {
	Protocol   string `json:"protocol"`
	Port       string `json:"port"`
	Host       string `json:"host"`
	Path       string `json:"path"`
	Query      string `json:"query"`
	StatusCode string `json:"statusCode"`
}

// FixedResponse is what the load balancer answers itself.
type FixedResponse struct {
	ContentType string `json:"contentType"`
	MessageBody string `json:"messageBody"`
	StatusCode  string `json:"statusCode"`
}

// TargetGroup is one destination of a forward: a Service with its port, or a
// target group from outside the cluster by ARN or name.
type TargetGroup struct {
	ServiceName     string
	ServicePort     ServicePort
	TargetGroupARN  string
	TargetGroupName string
	// Weight is nil when none was written.
	Weight *int32
}

// ServicePort is a port of a Service as an action writes it: a JSON number, or a
// string with a number or a name.
type ServicePort string

// Number is the port number, which may be written as a string. It reports false
// when the port is a name.
func (p ServicePort) Number() (int, bool) {
	n, err := strconv.ParseInt(string(p), 10, 32)
	return int(n), err == nil
}

// UnmarshalJSON takes a string or a 32-bit number.
func (p *ServicePort) UnmarshalJSON(text []byte) error {
	if text[0] == '"' {
		var name string
		err := json.Unmarshal(text, &name)
		*p = ServicePort(name)
		return err
	}
	var number int32
	if err := json.Unmarshal(text, &number); err != nil {
		return &json.UnmarshalTypeError{Value: valueWord(text), Type: reflect.TypeFor[ServicePort]()}
	}
	*p = ServicePort(strconv.Itoa(int(number)))
	return nil
}

func valueWord(text []byte) string {
	switch text[0] {
	case '{':
		return "object"
	case '[':
		return "array"
	case 't', 'f':
		return "bool"
	default:
		return "number " + string(text)
	}
}

// UsesOwnTargetGroup reports whether the action forwards to a target group from
// outside the cluster.
func (a Action) UsesOwnTargetGroup() bool {
	return slices.ContainsFunc(a.TargetGroups, func(t TargetGroup) bool {
		return t.TargetGroupARN != "" || t.TargetGroupName != ""
	})
}

type actionJSON struct {
	Type                string         `json:"type"`
	TargetGroupARN      *string        `json:"targetGroupARN"`
	TargetGroupName     *string        `json:"targetGroupName"`
	FixedResponseConfig *FixedResponse `json:"fixedResponseConfig"`
	RedirectConfig      *Redirect      `json:"redirectConfig"`
	ForwardConfig       *forwardJSON   `json:"forwardConfig"`
}

type forwardJSON struct {
	TargetGroups []targetGroupJSON `json:"targetGroups"`
	Stickiness   *struct {
		Enabled         *bool  `json:"enabled"`
		DurationSeconds *int32 `json:"durationSeconds"`
	} `json:"targetGroupStickinessConfig"`
}

type targetGroupJSON struct {
	TargetGroupARN  *string      `json:"targetGroupARN"`
	TargetGroupName *string      `json:"targetGroupName"`
	ServiceName     *string      `json:"serviceName"`
	ServicePort     *ServicePort `json:"servicePort"`
	Weight          *int32       `json:"weight"`
}

// ParseAction reads the value of an actions annotation. Only the part that the
// action's type names is read and checked. The action is filled as far as the
// value allows; it is zero when the value cannot be decoded.
func ParseAction(value string) (Action, []Issue) {
	raw, issue := decode[actionJSON](value)
	if issue != nil {
		return Action{}, []Issue{*issue}
	}
	action := Action{Type: raw.Type}
	switch raw.Type {
	case ActionFixedResponse:
		action.FixedResponse = raw.FixedResponseConfig
		return action, raw.checkFixedResponse()
	case ActionRedirect:
		action.Redirect = raw.RedirectConfig
		return action, raw.checkRedirect()
	case ActionForward:
		action.TargetGroups = raw.targetGroups()
		return action, raw.checkForward()
	default:
		types := []string{ActionForward, ActionRedirect, ActionFixedResponse}
		issue := at("type", "action type %s is not %s", quote(raw.Type), oneOf(types))
		return action, []Issue{withSuggestion(issue, raw.Type, types)}
	}
}

func (a actionJSON) checkFixedResponse() []Issue {
	if a.FixedResponseConfig == nil {
		return []Issue{at("fixedResponseConfig", "a fixed-response action has no fixedResponseConfig")}
	}
	if a.FixedResponseConfig.StatusCode == "" {
		return []Issue{at("fixedResponseConfig.statusCode", "fixedResponseConfig has no statusCode")}
	}
	return nil
}

func (a actionJSON) checkRedirect() []Issue {
	if a.RedirectConfig == nil {
		return []Issue{at("redirectConfig", "a redirect action has no redirectConfig")}
	}
	const path = "redirectConfig.statusCode"
	switch code := a.RedirectConfig.StatusCode; code {
	case "HTTP_301", "HTTP_302":
		return nil
	case "":
		return []Issue{at(path, "redirectConfig has no statusCode")}
	default:
		return []Issue{softAt(AWS, path, "statusCode %s is not HTTP_301 or HTTP_302", quote(code))}
	}
}

func (a actionJSON) checkForward() []Issue {
	short := a.TargetGroupARN != nil || a.TargetGroupName != nil
	switch {
	case !short && a.ForwardConfig == nil:
		return []Issue{at("forwardConfig", "a forward action has no forwardConfig and no targetGroupARN or targetGroupName")}
	case short && a.ForwardConfig != nil:
		return []Issue{at("forwardConfig", "a forward action has a forwardConfig and a targetGroupARN or targetGroupName; want one of them")}
	case short:
		return nil
	case len(a.ForwardConfig.TargetGroups) == 0:
		return []Issue{softAt(AWS, "forwardConfig.targetGroups", "forwardConfig lists no target group")}
	}
	var issues []Issue
	groups := a.ForwardConfig.TargetGroups
	for i, group := range groups {
		path := fmt.Sprintf("forwardConfig.targetGroups[%d]", i)
		issues = append(issues, group.check(path)...)
		if len(groups) > 1 && group.Weight == nil {
			issues = append(issues, at(path+".weight", "one of %d target groups has no weight", len(groups)))
		}
	}
	return issues
}

func (t targetGroupJSON) check(path string) []Issue {
	var issues []Issue
	own := t.TargetGroupARN != nil || t.TargetGroupName != nil
	switch {
	case !own && t.ServiceName == nil:
		issues = append(issues, at(path, "a target group has no serviceName and no targetGroupARN or targetGroupName"))
	case own && t.ServiceName != nil:
		issues = append(issues, at(path, "a target group has a serviceName and a targetGroupARN or targetGroupName; want one of them"))
	case t.ServiceName != nil && t.ServicePort == nil:
		issues = append(issues, at(path+".servicePort", "the target group for Service %s has no servicePort", quote(*t.ServiceName)))
	}
	if t.Weight != nil && outside(int64(*t.Weight), 0, 999) {
		issues = append(issues, softAt(AWS, path+".weight", "weight %d is outside the 0 to 999 that AWS accepts", *t.Weight))
	}
	return issues
}

// targetGroups brings the short form and the long form into one.
func (a actionJSON) targetGroups() []TargetGroup {
	if a.ForwardConfig == nil {
		if a.TargetGroupARN == nil && a.TargetGroupName == nil {
			return nil
		}
		return []TargetGroup{{TargetGroupARN: text(a.TargetGroupARN), TargetGroupName: text(a.TargetGroupName)}}
	}
	var groups []TargetGroup
	for _, t := range a.ForwardConfig.TargetGroups {
		group := TargetGroup{
			ServiceName:     text(t.ServiceName),
			TargetGroupARN:  text(t.TargetGroupARN),
			TargetGroupName: text(t.TargetGroupName),
			Weight:          t.Weight,
		}
		if t.ServicePort != nil {
			group.ServicePort = *t.ServicePort
		}
		groups = append(groups, group)
	}
	return groups
}

// text is the string pointed to, or "".
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
