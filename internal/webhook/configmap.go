package webhook

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	coreclient "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
)

const (
	// AsOf is the annotation of a ConfigMap that says when what it holds was so.
	AsOf = "ekslint.io/as-of"
	// readTime bounds a Read, whatever the API server does.
	readTime = 30 * time.Second
	// maxAhead is how far the clock of who writes AsOf may be ahead.
	maxAhead = 5 * time.Minute
)

// ConfigMap holds files, as `kubectl create configmap --from-file` writes them.
type ConfigMap struct {
	client coreclient.ConfigMapInterface
	name   string
	clock  func() time.Time
}

// NewConfigMap returns a ConfigMap, which need not be there yet.
func NewConfigMap(api *rest.Config, namespace, name string, clock func() time.Time) (*ConfigMap, error) {
	client, err := coreclient.NewForConfig(api)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return &ConfigMap{client: client.ConfigMaps(namespace), name: name, clock: clock}, nil
}

// Content is what a ConfigMap holds.
type Content struct {
	Files fs.FS
	// AsOf is when it was so: what the annotation says, else when somebody wrote a file
	// last. It is zero when the annotation cannot be believed, as Undated says.
	AsOf    time.Time
	Undated error
	// Version is another one when something changed.
	Version string
}

// Read asks the API server.
func (c *ConfigMap) Read(ctx context.Context) (Content, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	m, err := c.client.Get(ctx, c.name, metav1.GetOptions{})
	if err != nil {
		return Content{}, err //nolint:wrapcheck // it names the ConfigMap
	}
	files, err := filesOf(m)
	if err != nil {
		return Content{}, fmt.Errorf("configmap %s: %w", c.name, err)
	}
	out := Content{Files: files, Version: string(m.UID) + m.ResourceVersion}
	if out.AsOf, err = asOf(m, c.clock()); err != nil {
		out.Undated = fmt.Errorf("configmap %s: annotation %s: %w", c.name, AsOf, err)
	}
	return out, nil
}

// asOf is when what a ConfigMap holds was so.
func asOf(m *corev1.ConfigMap, now time.Time) (time.Time, error) {
	text, ok := m.Annotations[AsOf]
	if !ok {
		return writtenAt(m), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	switch {
	case err != nil:
		return time.Time{}, fmt.Errorf("want a time such as 2026-01-31T12:00:00Z, have %q", text)
	case at.After(now.Add(maxAhead)):
		return time.Time{}, fmt.Errorf("%s is yet to come", text)
	}
	return at, nil
}

// writtenAt is when somebody wrote a file last, as the API server notes it. What changed
// since the ConfigMap was created may be noted no more.
func writtenAt(m *corev1.ConfigMap) time.Time {
	out := m.CreationTimestamp.Time
	for _, f := range m.ManagedFields {
		if f.Time != nil && f.Time.After(out) && hasFiles(f.FieldsV1) {
			out = f.Time.Time
		}
	}
	return out
}

// hasFiles reports whether files are among fields.
func hasFiles(fields *metav1.FieldsV1) bool {
	if fields == nil {
		return false
	}
	var top map[string]json.RawMessage
	err := json.Unmarshal(fields.GetRawBytes(), &top)
	return err == nil && (top["f:data"] != nil || top["f:binaryData"] != nil)
}

// filesOf are the files of a ConfigMap.
func filesOf(m *corev1.ConfigMap) (fs.FS, error) {
	all := map[string][]byte{}
	maps.Copy(all, m.BinaryData)
	for name, text := range m.Data {
		all[name] = []byte(text)
	}
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err != nil {
			return nil, err
		}
		if _, err := f.Write(all[name]); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return zip.NewReader(bytes.NewReader(packed.Bytes()), int64(packed.Len()))
}
