// Package policyreport writes what an analysis found as objects of the API group
// wgpolicyk8s.io, which dashboards for policies read: a PolicyReport for each namespace
// with findings, and a ClusterPolicyReport for what is in none and for the AWS side.
package policyreport

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/model"
)

const (
	// Name is that of each report.
	Name = "ekslint"
	// source is what makes the results.
	source = "ekslint"
	// managedBy is the label that says who writes a report.
	managedBy = "app.kubernetes.io/managed-by"
	// writeTime bounds a Write, whatever the API server does.
	writeTime = 5 * time.Minute
	// pageSize bounds the reports that are held at once.
	pageSize = 20
)

var (
	group      = schema.GroupVersion{Group: "wgpolicyk8s.io", Version: "v1alpha2"}
	namespaced = kind{group.WithKind("PolicyReport"), group.WithResource("policyreports")}
	clusterly  = kind{group.WithKind("ClusterPolicyReport"), group.WithResource("clusterpolicyreports")}
)

type kind struct {
	schema.GroupVersionKind
	resource schema.GroupVersionResource
}

// errNotDefined is that of an API server without the kinds of reports.
var errNotDefined = errors.New("the API server has no " + group.String() + ": https://github.com/kubernetes-sigs/wg-policy-prototypes has the CustomResourceDefinitions")

// Writer writes reports. It is for one goroutine at a time.
type Writer struct {
	client dynamic.Interface
	link   func(ruleID string) string
	clock  func() time.Time
}

// Options configures New.
type Options struct {
	// Link is where a rule is explained.
	Link  func(ruleID string) string
	Clock func() time.Time
}

// New returns a writer.
func New(api *rest.Config, o Options) (*Writer, error) {
	client, err := dynamic.NewForConfig(api)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return &Writer{client: client, link: o.Link, clock: o.Clock}, nil
}

// Write makes the reports say what an analysis of a snapshot found. What says it already is
// not written, and results that were there keep their time. A namespace without findings
// has no report. One report that cannot be written hinders no other; the errors are joined.
func (w *Writer) Write(ctx context.Context, r analyzer.Report, s *model.Snapshot) error {
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	want := w.bodies(r, s)
	cluster := map[string]body{}
	if b, ok := want[""]; ok {
		cluster[""] = b
		delete(want, "")
	}
	return errors.Join(w.sync(ctx, clusterly, cluster), w.sync(ctx, namespaced, want))
}

// sync makes the reports of a kind those that are wanted, by namespace.
func (w *Writer) sync(ctx context.Context, k kind, want map[string]body) error {
	var faults []error
	page := metav1.ListOptions{FieldSelector: "metadata.name=" + Name, Limit: pageSize}
	for isFirst := true; isFirst || page.Continue != ""; isFirst = false {
		list, err := w.client.Resource(k.resource).List(ctx, page)
		if apierrors.IsNotFound(err) {
			return fmt.Errorf("%s: %w", k.resource.Resource, errNotDefined)
		}
		if err != nil {
			return errors.Join(append(faults, fmt.Errorf("%s: %w", k.resource.Resource, err))...)
		}
		for i := range list.Items {
			have := &list.Items[i]
			b, ok := want[have.GetNamespace()]
			delete(want, have.GetNamespace())
			if ok {
				err = w.update(ctx, k, have, b)
			} else {
				err = w.remove(ctx, k, have)
			}
			faults = append(faults, err)
		}
		page.Continue = list.GetContinue()
	}
	for _, namespace := range slices.Sorted(maps.Keys(want)) {
		faults = append(faults, w.create(ctx, k, namespace, want[namespace]))
	}
	return few(faults)
}

// maxFaults bounds what is said of reports that cannot be written.
const maxFaults = 3

// few joins the first errors, and counts the rest.
func few(faults []error) error {
	faults = slices.DeleteFunc(faults, func(err error) bool { return err == nil })
	if n := len(faults) - maxFaults; n > 0 {
		faults = append(faults[:maxFaults], fmt.Errorf("and %d reports more", n))
	}
	return errors.Join(faults...)
}

func (w *Writer) at(k kind, namespace string) dynamic.ResourceInterface {
	if k == clusterly {
		return w.client.Resource(k.resource)
	}
	return w.client.Resource(k.resource).Namespace(namespace)
}

func (w *Writer) create(ctx context.Context, k kind, namespace string, want body) error {
	u := &unstructured.Unstructured{Object: map[string]any{}}
	u.SetGroupVersionKind(k.GroupVersionKind)
	u.SetNamespace(namespace)
	u.SetName(Name)
	want.dated(body{}, w.clock())
	if err := fill(u, want); err != nil {
		return err
	}
	_, err := w.at(k, namespace).Create(ctx, u, metav1.CreateOptions{})
	if apierrors.IsNotFound(err) || apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
		return nil // the namespace is gone since it was looked at
	}
	return described(u, err)
}

func (w *Writer) update(ctx context.Context, k kind, have *unstructured.Unstructured, want body) error {
	var before body
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(have.Object, &before); err != nil {
		return described(have, err)
	}
	want.dated(before, w.clock())
	if equality.Semantic.DeepEqual(before, want) && have.GetLabels()[managedBy] == Name {
		return nil
	}
	if err := fill(have, want); err != nil {
		return err
	}
	_, err := w.at(k, have.GetNamespace()).Update(ctx, have, metav1.UpdateOptions{})
	if apierrors.IsNotFound(err) {
		return nil // the namespace is gone, or the next time makes it anew
	}
	return described(have, err)
}

func (w *Writer) remove(ctx context.Context, k kind, have *unstructured.Unstructured) error {
	uid := have.GetUID()
	err := w.at(k, have.GetNamespace()).Delete(ctx, Name, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &uid}})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return described(have, err)
}

// fill puts a body into an object, and leaves what else it has.
func fill(u *unstructured.Unstructured, b body) error {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&b)
	if err != nil {
		return described(u, err)
	}
	maps.Copy(u.Object, content)
	labels := u.GetLabels()
	if labels == nil {
		labels = map[string]string{}
	}
	labels[managedBy] = Name
	u.SetLabels(labels)
	return nil
}

// described says of which report an error is.
func described(u *unstructured.Unstructured, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w", u.GetKind(), model.Ref{Namespace: u.GetNamespace(), Name: u.GetName()}.NamespacedName(), err)
}
