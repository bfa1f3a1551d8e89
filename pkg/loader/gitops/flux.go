package gitops

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/model"
)

// fluxKustomization is the part of a Kustomization of Flux that says what is
// installed: https://fluxcd.io/flux/components/kustomize/kustomizations/
//
// postBuild is left out. What it would replace, ${name}, stays a placeholder in
// the text, and is unknown to whoever reads it.
type fluxKustomization struct {
	Path                    string           `json:"path"`
	SourceRef               reference        `json:"sourceRef"`
	TargetNamespace         string           `json:"targetNamespace"`
	NamePrefix              string           `json:"namePrefix"`
	NameSuffix              string           `json:"nameSuffix"`
	Patches                 []any            `json:"patches"`
	PatchesStrategicMerge   []map[string]any `json:"patchesStrategicMerge"`
	PatchesJSON6902         []map[string]any `json:"patchesJson6902"`
	Images                  []map[string]any `json:"images"`
	Components              []string         `json:"components"`
	IgnoreMissingComponents bool             `json:"ignoreMissingComponents"`
	CommonMetadata          *metadata        `json:"commonMetadata"`
	Suspend                 bool             `json:"suspend"`
	KubeConfig              *kubeConfig      `json:"kubeConfig"`
}

func fluxKustomizationFields() []model.Path {
	return paths("metadata.name", "metadata.namespace", "spec.path", "spec.sourceRef", "spec.targetNamespace", "spec.namePrefix",
		"spec.nameSuffix", "spec.patches", "spec.patchesStrategicMerge", "spec.patchesJson6902", "spec.images", "spec.components",
		"spec.ignoreMissingComponents", "spec.commonMetadata", "spec.suspend", "spec.kubeConfig")
}

type reference struct {
	Kind      string `json:"kind"`
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
}

type metadata struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

// kubeConfig sends what is installed to another cluster.
type kubeConfig struct {
	SecretRef    reference `json:"secretRef"`
	ConfigMapRef reference `json:"configMapRef"`
}

func (c *kubeConfig) destination() string {
	if c == nil {
		return ""
	}
	return "the cluster of " + c.SecretRef.Name + c.ConfigMapRef.Name
}

var errSuspended = errors.New("it is suspended, and what it installed before is not known")

func (o *Objects) kustomization(res *model.Resource) ([]Delivery, []Gap) {
	spec := model.Path{"spec"}
	var k fluxKustomization
	if err := errors.Join(known(res, fluxKustomizationFields()...), decode(res, spec, &k)); err != nil {
		return nil, []Gap{gap(res, spec, "", err)}
	}
	d := Delivery{
		By: res.Ref, Source: res.Source, At: res.Locate(spec.Child("path"), model.PartValue), Destination: k.KubeConfig.destination(),
		Tool: Kustomize, Namespace: k.TargetNamespace,
	}
	err := errSuspended
	if !k.Suspend {
		err = o.kustomizationBuild(res, &k, &d)
	}
	if err != nil {
		return nil, []Gap{gap(res, spec.Child("path"), d.Destination, err)}
	}
	return []Delivery{d}, nil
}

// kustomizationBuild fills in the folder, and the kustomization as Flux writes it.
func (o *Objects) kustomizationBuild(res *model.Resource, k *fluxKustomization, d *Delivery) error {
	repo, err := o.gitRepository(k.SourceRef, res.Ref.Namespace)
	if err != nil {
		return err
	}
	d.Path, err = o.fluxFolder(repo, k.Path, res)
	if err != nil {
		return err
	}
	file := o.kustomizationFile(d.Path)
	isWritten := file != ""
	made := &kustomization{body: map[string]any{}}
	if isWritten {
		made, err = o.readKustomization(file)
	} else {
		file = path.Join(d.Path, "kustomization.yaml")
		err = o.generate(made, d.Path, repo)
	}
	if err != nil {
		return err
	}
	before, err := made.overlay(file)
	if err == nil {
		err = o.change(made, k, d.Path)
	}
	if err != nil {
		return err
	}
	texts, err := made.overlay(file)
	if !isWritten || !reflect.DeepEqual(before, texts) { // else it is built as it is written
		d.Overlay, d.Written = texts, made.written
	}
	return err
}

// change writes the options into the kustomization, as
// https://github.com/fluxcd/pkg/blob/main/kustomize/kustomize_generator.go does.
func (o *Objects) change(made *kustomization, k *fluxKustomization, dir string) error {
	spec := model.Path{"spec"}
	made.put("namespace", k.TargetNamespace, spec.Child("targetNamespace"))
	made.put("namePrefix", k.NamePrefix, spec.Child("namePrefix"))
	made.put("nameSuffix", k.NameSuffix, spec.Child("nameSuffix"))
	merges, err := textsOf(k.PatchesStrategicMerge)
	return errors.Join(
		err,
		made.add("patches", itemsOf(k.Patches, spec.Child("patches"))...),
		made.add("patchesStrategicMerge", itemsOf(merges, spec.Child("patchesStrategicMerge"))...),
		made.add("patchesJson6902", itemsOf(jsonPatches(k.PatchesJSON6902), spec.Child("patchesJson6902"))...),
		made.addNamed("images", itemsOf(k.Images, spec.Child("images"))...),
		made.add("components", o.components(dir, itemsOf(k.Components, spec.Child("components")), k.IgnoreMissingComponents)...),
		made.addMetadata(k.CommonMetadata, spec.Child("commonMetadata")),
	)
}

// jsonPatches writes the operations of each patch as text, which is how a
// kustomization holds them.
func jsonPatches(patches []map[string]any) []any {
	var out []any
	for _, p := range patches {
		if operations, err := json.Marshal(p["patch"]); err == nil {
			p["patch"] = string(operations)
		}
		out = append(out, p)
	}
	return out
}

// addMetadata adds labels to objects alone, and to no selector or template, as
// Flux does after the build. Kustomize has no such annotations.
func (k *kustomization) addMetadata(m *metadata, at model.Path) error {
	switch {
	case m == nil:
		return nil
	case len(m.Annotations) > 0:
		return errors.New("commonMetadata.annotations are not added")
	default:
		return k.addLabels(m.Labels, map[string]any{}, at.Child("labels"))
	}
}

// generate fills the kustomization of a folder that has none: all manifests
// below it, and the folders with a kustomization of their own:
// https://fluxcd.io/flux/components/kustomize/kustomizations/#generate-kustomizationyaml
func (o *Objects) generate(made *kustomization, dir string, repo *gitRepository) error {
	if repo.Ignore != nil {
		return errors.New("which files spec.ignore of its GitRepository leaves is not known")
	}
	var resources []any
	err := fs.WalkDir(o.fsys, dir, func(name string, entry fs.DirEntry, err error) error {
		rel := strings.TrimPrefix(name, dir+"/")
		switch {
		case err != nil:
			return fmt.Errorf("%s cannot be read", name)
		case entry.Name() == ".sourceignore":
			return fmt.Errorf("which files %s leaves is not known", name)
		case entry.IsDir() && isIgnoredFolder(entry.Name()):
			return fs.SkipDir
		case entry.IsDir() && name != dir && o.kustomizationFile(name) != "":
			resources = append(resources, rel)
			return fs.SkipDir
		case !entry.IsDir() && isFluxManifest(name):
			resources = append(resources, rel)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(resources) == 0 {
		return fmt.Errorf("%s holds no manifests", dir)
	}
	made.body = map[string]any{"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": resources}
	return nil
}

// isIgnoredFolder and isFluxManifest leave out what never gets into a source:
// https://fluxcd.io/flux/components/source/gitrepositories/#default-exclusions
func isIgnoredFolder(name string) bool {
	return slices.Contains([]string{".git", ".github", ".circleci"}, name)
}

func isFluxManifest(name string) bool {
	ignored := []string{
		".travis.yml", ".gitlab-ci.yml", "appveyor.yml", ".drone.yml", "cloudbuild.yaml", "codeship-services.yml",
		"codeship-steps.yml", ".goreleaser.yml", ".sops.yaml", ".flux.yaml",
	}
	ext := path.Ext(name)
	return (ext == ".yaml" || ext == ".yml") && !slices.Contains(ignored, path.Base(name))
}

// gitRepository is the part of a GitRepository that says what it holds:
// https://fluxcd.io/flux/components/source/gitrepositories/
type gitRepository struct {
	URL string `json:"url"`
	Ref struct {
		Branch string `json:"branch"`
		Tag    string `json:"tag"`
		SemVer string `json:"semver"`
		Name   string `json:"name"`
		Commit string `json:"commit"`
	} `json:"ref"`
	Ignore  *string `json:"ignore"`
	Include []any   `json:"include"`
	Suspend bool    `json:"suspend"`
}

// gitRepository returns the source that an object in a namespace names.
func (o *Objects) gitRepository(ref reference, namespace string) (*gitRepository, error) {
	if ref.Kind != "GitRepository" {
		return nil, fmt.Errorf("the %s %s is not in this repository", ref.Kind, ref.Name)
	}
	res, err := o.fluxSource(ref, namespace)
	if err != nil {
		return nil, err
	}
	var repo gitRepository
	fields := paths("spec.url", "spec.ref", "spec.ignore", "spec.include", "spec.suspend")
	if err := errors.Join(known(res, fields...), decode(res, model.Path{"spec"}, &repo)); err != nil {
		return nil, fmt.Errorf("%s: %w", res.Ref, err)
	}
	switch {
	case len(repo.Include) > 0:
		return nil, fmt.Errorf("%s includes other repositories", res.Ref)
	case repo.Suspend:
		return nil, fmt.Errorf("%s is suspended", res.Ref)
	default:
		return &repo, nil
	}
}

func (o *Objects) fluxSource(ref reference, namespace string) (*model.Resource, error) {
	if ref.Namespace == "" {
		ref.Namespace = namespace
	}
	at := model.Ref{Group: sourceGroup, Kind: ref.Kind, Namespace: ref.Namespace, Name: ref.Name}
	return o.only(at)
}

// fluxFolder is the folder of the tree that a path of a source means. Flux
// takes a path for one below the root of the source, with or without a slash.
func (o *Objects) fluxFolder(repo *gitRepository, name string, res *model.Resource) (string, error) {
	if err := o.repo.isThis(repo.URL); err != nil {
		return "", err
	}
	for _, revision := range []string{repo.Ref.Commit, repo.Ref.Tag, repo.Ref.SemVer} {
		if revision != "" {
			return "", fmt.Errorf("the revision %s need not be what this tree shows", revision)
		}
	}
	if err := o.repo.revision(repo.Ref.Name); err != nil {
		return "", err
	}
	_, dir, err := o.repo.find(repo.URL, fluxPath(name), res.Locate(nil, model.PartValue).File)
	return dir, err
}

func fluxPath(name string) string { return path.Join(".", strings.TrimLeft(name, "/")) }
