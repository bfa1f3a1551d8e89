package report

import (
	"fmt"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// notificationKind is a kind of notification: an index into the descriptors.
type notificationKind int

const (
	ruleSkipped notificationKind = iota
	inputProblem
	inputNote
	ruleFailed
	reportCut
)

// maxNotedFiles limits the files that one notification names.
const maxNotedFiles = 10

var notificationKinds = []struct{ id, name, description string }{
	ruleSkipped:  {"rule-skipped", "RuleSkipped", "A rule could not decide for want of knowledge."},
	inputProblem: {"input-problem", "InputProblem", "A part of the input could not be read."},
	inputNote:    {"input-note", "InputNote", "A part of the input was recognised and set aside."},
	ruleFailed:   {"rule-failed", "RuleFailed", "A rule broke; its other findings stand."},
	reportCut:    {"report-cut", "ReportCut", "The report is larger than code scanning takes and was cut."},
}

func notificationDescriptors() []*sarif.ReportingDescriptor {
	descriptors := make([]*sarif.ReportingDescriptor, 0, len(notificationKinds))
	for _, k := range notificationKinds {
		descriptors = append(descriptors, sarif.NewReportingDescriptor().
			WithID(k.id).
			WithName(k.name).
			WithShortDescription(multiformat(k.description, "")).
			WithFullDescription(multiformat(k.description, "")).
			WithHelp(multiformat(k.description, k.description)))
	}
	return descriptors
}

func notification(kind notificationKind, level, text string) *sarif.Notification {
	return sarif.NewNotification().
		WithLevel(level).
		WithMessage(sarif.NewMessage().WithText(plainMessage(text))).
		WithDescriptor(sarif.NewReportingDescriptorReference().
			WithID(notificationKinds[kind].id).
			WithIndex(int(kind)))
}

// invocation tells what happened beside the results.
func (b *sarifBuilder) invocation(r analyzer.Report, dropped int) *sarif.Invocation {
	all := []*sarif.Notification{}
	for _, p := range r.Problems {
		all = append(all, b.problemNotification(p))
	}
	for _, f := range r.Failures {
		all = append(all, notification(ruleFailed, sarif.LevelError, failureText(f)).
			WithAssociatedRule(b.ruleReference(f.RuleID)))
	}
	for _, g := range groupSkips(r.Skipped) {
		all = append(all, notification(ruleSkipped, sarif.LevelNote, g.String()).
			WithAssociatedRule(b.ruleReference(g.rules[0])))
	}
	for _, g := range groupNotes(r) {
		all = append(all, b.noteNotification(g))
	}
	if dropped > 0 {
		all = append(all, notification(reportCut, sarif.LevelWarning, fmt.Sprintf(
			"%s left out: a run holds at most %d", plural(dropped, "result was", "results were"), maxResults)))
	}
	if b.cut > 0 {
		all = append(all, notification(reportCut, sarif.LevelWarning, fmt.Sprintf(
			"%s related locations left out: a result holds at most %d locations",
			plural(b.cut, "result has", "results have"), maxLocations)))
	}
	return sarif.NewInvocation().
		WithExecutionSuccessful(len(r.Failures) == 0).
		WithToolExecutionNotifications(all)
}

func (b *sarifBuilder) ruleReference(id string) *sarif.ReportingDescriptorReference {
	return sarif.NewReportingDescriptorReference().WithID(id).WithIndex(b.ruleIndex[id])
}

func (b *sarifBuilder) problemNotification(p model.Problem) *sarif.Notification {
	n := notification(inputProblem, sarif.LevelError, p.Message+certainty(p.At)).WithAssociatedRule(b.ruleReference(rule.InputUnread))
	if p.At.File != "" {
		n.AddLocation(b.location(p.At))
	}
	return n
}

// noteNotification names the first files of a note as its locations.
func (b *sarifBuilder) noteNotification(g noteGroup) *sarif.Notification {
	n := notification(inputNote, sarif.LevelNote, noteLine(g.message, g.files))
	for _, file := range g.files[:min(len(g.files), maxNotedFiles)] {
		n.AddLocation(sarif.NewLocation().WithPhysicalLocation(
			sarif.NewPhysicalLocation().WithArtifactLocation(artifactLocation(file))))
	}
	return n
}
