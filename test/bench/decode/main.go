// Program decode is the yardstick of `make bench`: it reads the manifests of a
// folder and decodes them into their Go types on all cores, and does nothing
// with them. A linter cannot be asked to be much faster than that.
//
//	decode DIR
package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/yaml"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: decode DIR")
		os.Exit(2)
	}
	documents, err := decodeDir(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "decode:", err)
		os.Exit(1)
	}
	fmt.Println(documents)
}

// decodeDir decodes every .yaml file beneath dir, each core a file at a time,
// and counts the documents. The objects are kept until the end, as a linter
// has to.
func decodeDir(dir string) (int, error) {
	var names []string
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.HasSuffix(name, ".yaml") {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		return 0, err
	}

	objects := make([][]any, len(names))
	var next atomic.Int64
	var group errgroup.Group
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() error {
			for i := next.Add(1) - 1; i < int64(len(names)); i = next.Add(1) - 1 {
				var err error
				if objects[i], err = decodeFile(names[i]); err != nil {
					return fmt.Errorf("%s: %w", names[i], err)
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return 0, err
	}
	count := 0
	for _, of := range objects {
		count += len(of)
	}
	runtime.KeepAlive(objects)
	return count, nil
}

func decodeFile(name string) ([]any, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var objects []any
	for document := range bytes.SplitSeq(text, []byte("\n---\n")) {
		object := newObject(kindOf(document))
		if object == nil {
			continue
		}
		if err := yaml.Unmarshal(document, object); err != nil {
			return nil, err
		}
		objects = append(objects, object)
	}
	return objects, nil
}

// kindOf reads the kind from the text: the line of the document that starts with "kind:".
func kindOf(document []byte) string {
	for line := range bytes.Lines(document) {
		if kind, ok := bytes.CutPrefix(line, []byte("kind:")); ok {
			return string(bytes.TrimSpace(kind))
		}
	}
	return ""
}

// newObject is nil for the kinds that the benchmark clusters do not hold.
func newObject(kind string) any {
	switch kind {
	case "Deployment":
		return new(appsv1.Deployment)
	case "Service":
		return new(corev1.Service)
	case "Namespace":
		return new(corev1.Namespace)
	case "NetworkPolicy":
		return new(networkingv1.NetworkPolicy)
	default:
		return nil
	}
}
