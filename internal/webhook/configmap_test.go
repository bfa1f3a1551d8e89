package webhook_test

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/ekslint/ekslint/internal/webhook"
	"github.com/ekslint/ekslint/internal/webhook/kubetest"
)

// textsOf are the files of a ConfigMap.
func textsOf(t *testing.T, files fs.FS) map[string]string {
	t.Helper()
	out := map[string]string{}
	names, err := fs.Glob(files, "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = string(text)
	}
	return out
}

// TestContent: what a ConfigMap holds, and when it was so.
func TestContent(t *testing.T) {
	t.Parallel()
	hour := func(n int) metav1.Time { return metav1.NewTime(time.Date(2026, 1, 1, n, 0, 0, 0, time.UTC)) }
	wrote := func(n int, fields string) metav1.ManagedFieldsEntry {
		at := hour(n)
		return metav1.ManagedFieldsEntry{Time: &at, FieldsV1: metav1.NewFieldsV1(fields)}
	}
	stated := func(text string) metav1.ObjectMeta {
		return metav1.ObjectMeta{Annotations: map[string]string{webhook.AsOf: text}, ManagedFields: []metav1.ManagedFieldsEntry{wrote(3, `{"f:data":{}}`)}}
	}
	for name, c := range map[string]struct {
		about  metav1.ObjectMeta
		want   int // the hour
		reason string
	}{
		"who wrote the files last": {
			about: metav1.ObjectMeta{ManagedFields: []metav1.ManagedFieldsEntry{wrote(3, `{"f:data":{"f:a.json":{}}}`), wrote(4, `{"f:binaryData":{}}`), wrote(2, `{"f:data":{}}`)}}, want: 4,
		},
		"who wrote something else": {
			about: metav1.ObjectMeta{ManagedFields: []metav1.ManagedFieldsEntry{wrote(3, `{"f:data":{}}`), wrote(4, `{"f:metadata":{"f:annotations":{"f:data":{}}}}`), wrote(5, "[]"), {}}}, want: 3,
		},
		"nobody is noted":             {want: 1},
		"an annotation":               {about: stated("2026-01-01T02:00:00Z"), want: 2},
		"one of another zone":         {about: stated("2026-01-01T08:00:00+02:00"), want: 6},
		"a clock that is ahead":       {about: stated("2026-01-01T12:04:00Z"), want: 12},
		"one that is yet to come":     {about: stated("2026-01-01T13:00:00Z"), want: -1, reason: "configmap aws: annotation ekslint.io/as-of: 2026-01-01T13:00:00Z is yet to come"},
		"a day is no time":            {about: stated("2026-01-01"), want: -1, reason: `configmap aws: annotation ekslint.io/as-of: want a time such as 2026-01-31T12:00:00Z, have "2026-01-01"`},
		"an annotation without value": {about: stated(""), want: -1, reason: `configmap aws: annotation ekslint.io/as-of: want a time such as 2026-01-31T12:00:00Z, have ""`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.about.CreationTimestamp, c.about.Name, c.about.ResourceVersion, c.about.UID = hour(1), "aws", "7", "u"
			text, err := json.Marshal(corev1.ConfigMap{
				TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"}, ObjectMeta: c.about,
				Data: map[string]string{"a.json": "{}"}, BinaryData: map[string][]byte{"b.json": []byte("[]")},
			})
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/api/v1/namespaces/own/configmaps/aws" {
					t.Errorf("asks for %s", r.URL)
				}
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write(text)
			}))
			defer server.Close()
			m, err := webhook.NewConfigMap(&rest.Config{Host: server.URL}, "own", "aws", func() time.Time { return hour(12).Time })
			if err != nil {
				t.Fatal(err)
			}
			got, err := m.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			want := hour(c.want).Time
			if c.want < 0 {
				want = time.Time{}
			}
			reason := ""
			if got.Undated != nil {
				reason = got.Undated.Error()
			}
			if !got.AsOf.Truncate(time.Hour).Equal(want) || reason != c.reason || got.Version != "u7" {
				t.Errorf("as of %s, want %s; version %s; %s", got.AsOf, want, got.Version, reason)
			}
			if diff := cmp.Diff(map[string]string{"a.json": "{}", "b.json": "[]"}, textsOf(t, got.Files)); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
		})
	}
}

// TestContentOfARealServer: a label is no new content, other files are, and a ConfigMap need
// not be there.
func TestContentOfARealServer(t *testing.T) {
	t.Parallel()
	api := kubetest.Start(t)
	m, err := webhook.NewConfigMap(api.Config(), "default", "aws", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Read(t.Context()); err == nil || !strings.Contains(err.Error(), `configmaps "aws" not found`) {
		t.Errorf("without one: %v", err)
	}
	client := kubernetes.NewForConfigOrDie(api.Config()).CoreV1().ConfigMaps("default")
	object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "aws"}, Data: map[string]string{"a.json": "{}"}}
	created, err := client.Create(t.Context(), object, metav1.CreateOptions{FieldManager: "job"})
	if err != nil {
		t.Fatal(err)
	}
	first, err := m.Read(t.Context())
	if err != nil || !first.AsOf.Equal(created.CreationTimestamp.Time) {
		t.Errorf("as of %s, created at %s: %v", first.AsOf, created.CreationTimestamp, err)
	}
	// The API server notes whole seconds.
	clock := time.NewTimer(time.Until(created.CreationTimestamp.Add(1100 * time.Millisecond)))
	<-clock.C
	created.Labels = map[string]string{"a": "b"}
	labelled, err := client.Update(t.Context(), created, metav1.UpdateOptions{FieldManager: "somebody"})
	if err != nil {
		t.Fatal(err)
	}
	if second, err := m.Read(t.Context()); err != nil || !second.AsOf.Equal(first.AsOf) || second.Version == first.Version {
		t.Errorf("with a label as of %s, before %s: %v", second.AsOf, first.AsOf, err)
	}
	labelled.Data["a.json"] = "[]"
	if _, err := client.Update(t.Context(), labelled, metav1.UpdateOptions{FieldManager: "job"}); err != nil {
		t.Fatal(err)
	}
	if third, err := m.Read(t.Context()); err != nil || !third.AsOf.After(first.AsOf) || textsOf(t, third.Files)["a.json"] != "[]" {
		t.Errorf("with another file as of %s, before %s: %v", third.AsOf, first.AsOf, err)
	}
}
