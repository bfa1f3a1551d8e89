package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admission/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/model"
)

// Reviewer answers what the API server asks.
type Reviewer struct {
	Cluster *Cluster
	Objects *Objects
	Policy  Policy
	// Link is where a rule is explained.
	Link func(ruleID string) string
	// Observe is told of each answer.
	Observe func(Answer)
}

// Answer is what was said of a change, and why.
type Answer struct {
	Response *admissionv1.AdmissionResponse
	// Modes is what became of each harm.
	Modes []Mode
	Harm  []Harm
	// Failures counts rules that broke.
	Failures int
}

// Keys of audit annotations. The API server puts the name of the webhook before them.
const (
	noteExempt     = "exempt"
	noteBreakGlass = "break-glass"
	noteFindings   = "findings"
	noteUnread     = "unread"
)

// Review answers a request. An error means that there is no answer, and what the
// failurePolicy says holds.
func (r *Reviewer) Review(ctx context.Context, req *admissionv1.AdmissionRequest) (*admissionv1.AdmissionResponse, error) {
	a, err := r.answer(ctx, req)
	if err != nil {
		return nil, err
	}
	a.Response.UID = req.UID
	if r.Observe != nil {
		r.Observe(a)
	}
	return a.Response, nil
}

func allowed(notes ...string) Answer {
	out := &admissionv1.AdmissionResponse{Allowed: true}
	for i := 0; i < len(notes); i += 2 {
		out.AuditAnnotations = map[string]string{notes[i]: notes[i+1]}
	}
	return Answer{Response: out}
}

func (r *Reviewer) answer(ctx context.Context, req *admissionv1.AdmissionRequest) (Answer, error) {
	if why := r.Policy.Exempt.why(req.Namespace, req.UserInfo); why != "" {
		return allowed(noteExempt, why), nil
	}
	if req.SubResource != "" || req.Operation == admissionv1.Connect {
		return allowed(), nil
	}
	space := r.namespace(req)
	change, about, err := r.change(req)
	switch {
	case err != nil:
		out := allowed(noteUnread, err.Error())
		out.Response.Warnings = []string{short("ekslint does not read this " + req.Kind.Kind + ": " + err.Error())}
		return out, nil
	case change.Object == nil && req.Operation != admissionv1.Delete:
		return allowed(), nil // of a kind that no rule looks at
	case about.GetDeletionTimestamp() != nil && req.Operation != admissionv1.Delete:
		return allowed(), nil // it is on its way out, and only its finalizers change
	case change.isOf(model.KindNamespace) && change.Object == nil:
		return allowed(), nil // what is in it is deleted object by object
	case space != nil && space.GetDeletionTimestamp() != nil:
		return allowed(noteExempt, "namespace "+req.Namespace+" is deleted"), nil
	case makerOf(about) != "":
		return allowed(noteExempt, "made by "+makerOf(about)), nil
	}
	outcome, err := r.Cluster.Consider(ctx, change)
	if err != nil {
		return Answer{}, err
	}
	if change.isOf(model.KindNamespace) {
		space = about
	}
	var label string
	if space != nil {
		label = space.GetLabels()[ModeLabel]
	}
	out := r.judge(outcome.Harm, label, about.GetAnnotations()[BreakGlass])
	if !out.Response.Allowed && req.Operation != admissionv1.Create {
		out.Response.Result.Message += othersNeed(out, change.Ref)
	}
	if _, err := ParseMode(label); err != nil && label != "" && change.isOf(model.KindNamespace) {
		out.Response.Warnings = append(out.Response.Warnings, "ekslint: label "+ModeLabel+", which says nothing: "+err.Error())
	}
	out.Failures = len(outcome.Failures)
	if out.Response.Allowed && (req.DryRun == nil || !*req.DryRun) {
		r.Cluster.Admitted(change)
	}
	if text := warningOf(outcome.Closed, outcome.Harm); text != "" && out.Response.Allowed && r.Policy.space(label) >= Warn {
		out.Response.Warnings = append(out.Response.Warnings, text)
	}
	return out, nil
}

// change reads what a request does, and what is written about its object, which is nil for
// one that no rule looks at.
func (r *Reviewer) change(req *admissionv1.AdmissionRequest) (Change, metav1.Object, error) {
	ref := model.Ref{Group: req.Kind.Group, Kind: req.Kind.Kind, Namespace: req.Namespace, Name: req.Name}
	if model.KindNamespace == ref.GroupKind() {
		ref.Namespace = "" // the API server says that a Namespace is in itself
	}
	if req.Operation == admissionv1.Delete {
		var about metav1.PartialObjectMetadata
		if err := json.Unmarshal(req.OldObject.Raw, &about); err != nil {
			return Change{}, nil, fmt.Errorf("metadata: %w", err)
		}
		ref.Name = about.Name // who deletes a collection names none
		return Change{Ref: ref, From: about.ResourceVersion}, &about, nil
	}
	object, err := r.Objects.Read(req.Object.Raw)
	if err != nil || object == nil {
		return Change{Ref: ref}, nil, err
	}
	return Change{Ref: object.Ref, Object: object, From: object.Object.GetResourceVersion()}, object.Object, nil
}

// makerOf names the workload that makes an object, such as the ReplicaSet of a pod; empty
// when it stands for itself. What is wrong with it was said of its template.
func makerOf(about metav1.Object) string {
	owner := metav1.GetControllerOfNoCopy(about)
	if owner == nil {
		return ""
	}
	group, _, isGrouped := strings.Cut(owner.APIVersion, "/")
	if !isGrouped {
		group = ""
	}
	if !(model.GroupKind{Group: group, Kind: owner.Kind}).IsWorkload() {
		return ""
	}
	return owner.Kind + " " + owner.Name
}

// namespace is that of a change; nil where there is none, or it was not seen.
func (r *Reviewer) namespace(req *admissionv1.AdmissionRequest) metav1.Object {
	s := r.Cluster.Snapshot()
	if s == nil {
		return nil
	}
	if found := s.Get(model.Ref{Kind: model.KindNamespace.Kind, Name: req.Namespace}); found != nil {
		return found.Object
	}
	return nil
}

// judge answers with what becomes of harm. Why is what breaks the glass.
func (r *Reviewer) judge(harm []Harm, label, why string) Answer {
	out := allowed()
	out.Harm = harm
	var refused, noted []string
	for _, h := range harm {
		m := r.Policy.mode(h, label)
		if m == Enforce && strings.TrimSpace(why) != "" {
			m = Warn
			out.Response.AuditAnnotations = map[string]string{noteBreakGlass: why}
		}
		out.Modes = append(out.Modes, m)
		switch m {
		case Enforce:
			refused = append(refused, r.text(h))
		case Warn:
			out.Response.Warnings = append(out.Response.Warnings, short(r.text(h)))
		default:
		}
		if m != Off {
			noted = append(noted, h.RuleID+" "+h.Subject.String()+" "+m.String())
		}
	}
	if len(noted) > 0 {
		if out.Response.AuditAnnotations == nil {
			out.Response.AuditAnnotations = map[string]string{}
		}
		out.Response.AuditAnnotations[noteFindings] = strings.Join(noted, "; ")
	}
	out.Response.Warnings = few(out.Response.Warnings)
	if len(refused) > 0 {
		out.Response.Allowed = false
		out.Response.Result = &metav1.Status{
			Status: metav1.StatusFailure, Code: http.StatusForbidden, Reason: metav1.StatusReasonForbidden,
			Message: "ekslint: " + strings.Join(few(refused), "; "),
		}
	}
	return out
}

// othersNeed says what to do where what is refused would break another object than it changes.
func othersNeed(a Answer, changed model.Ref) string {
	for i, h := range a.Harm {
		if a.Modes[i] == Enforce && h.Subject.Group != model.GroupDerived && h.Subject.Kind != changed.Kind {
			return "; what " + h.Subject.String() + " needs has to stay until that is changed, too"
		}
	}
	return ""
}

// text says what is wrong and where it is explained.
func (r *Reviewer) text(h Harm) string {
	at := ""
	if len(h.At.Path) > 0 {
		at = " at " + h.At.Path.String()
	}
	return fmt.Sprintf("[%s] %s (%s%s) %s", h.RuleID, h.Message, h.Subject, at, r.Link(h.RuleID))
}

const (
	// maxWarning is the length from which the API server may cut a warning:
	// https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response
	maxWarning = 256
	// maxListed bounds the warnings of an answer, and the findings of a refusal.
	maxListed = 5
)

// short leaves out words in the middle of a text that is too long for a warning, so that
// its end, the link, stays.
func short(text string) string {
	if len(text) <= maxWarning {
		return text
	}
	const half = (maxWarning - len(" … ")) / 2
	first, last := text[:half], text[len(text)-half:]
	if i := strings.LastIndexByte(first, ' '); i > 0 {
		first = first[:i]
	}
	if i := strings.IndexByte(last, ' '); i >= 0 && i+1 < len(last) {
		last = last[i+1:]
	}
	return strings.ToValidUTF8(first, "") + " … " + strings.ToValidUTF8(last, "")
}

// few keeps the first of a list, and counts the rest.
func few(list []string) []string {
	if len(list) <= maxListed {
		return list
	}
	return append(slices.Clip(list[:maxListed]), fmt.Sprintf("and %d more", len(list)-maxListed))
}
