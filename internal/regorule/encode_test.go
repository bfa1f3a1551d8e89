package regorule

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ekslint/ekslint/pkg/model"
)

// encodeByJSON is the reference: text and back.
func encodeByJSON(x any) (ast.Value, error) {
	text, err := json.Marshal(x)
	if err != nil {
		return nil, err
	}
	return ast.ValueFromReader(bytes.NewReader(text))
}

func checkEncoding(t *testing.T, e *encoder, x any) {
	t.Helper()
	compiling.RLock()
	defer compiling.RUnlock()
	want, refused := encodeByJSON(x)
	got, err := e.term(x)
	if refused != nil {
		if err == nil {
			t.Errorf("%T is encoded, and JSON refuses it: %v", x, refused)
		}
		return
	}
	if err != nil {
		t.Fatalf("encode %T: %v", x, err)
	}
	if got.Value.Compare(want) != 0 {
		t.Errorf("%T\n got %s\nwant %s", x, got.Value, want)
	}
	if got.Value.Hash() != want.Hash() {
		t.Errorf("%T: equal values with different hashes", x)
	}
}

func TestEncodeEqualsJSONOnAPITypes(t *testing.T) {
	t.Parallel()
	types := []any{
		&corev1.Pod{}, &corev1.Service{}, &corev1.Namespace{}, &corev1.ConfigMap{}, &corev1.Node{}, &corev1.Secret{},
		&corev1.ServiceAccount{}, &corev1.ReplicationController{}, &appsv1.Deployment{}, &appsv1.StatefulSet{},
		&appsv1.DaemonSet{}, &appsv1.ReplicaSet{}, &batchv1.Job{}, &batchv1.CronJob{}, &networkingv1.Ingress{},
		&networkingv1.IngressClass{}, &networkingv1.NetworkPolicy{}, &discoveryv1.EndpointSlice{},
		&autoscalingv2.HorizontalPodAutoscaler{}, &policyv1.PodDisruptionBudget{},
		&model.IngressClassParams{}, &model.Rollout{},
	}
	e := &encoder{}
	for _, zero := range types {
		t.Run(fmt.Sprintf("%T", zero), func(t *testing.T) {
			t.Parallel()
			checkEncoding(t, e, zero)
			for seed := range uint64(25) {
				object := reflect.New(reflect.TypeOf(zero).Elem())
				f := filler{rand: rand.New(rand.NewPCG(seed, 7))}
				f.fill(object.Elem(), 0)
				checkEncoding(t, e, object.Interface())
			}
		})
	}
}

type promoted struct {
	Name  string `json:"name"`
	Depth int    `json:"depth,omitempty"`
}

type tagged struct {
	Depth string `json:"depth"`
}

type pointerText struct{ s string }

func (p *pointerText) MarshalText() ([]byte, error) { return []byte("text:" + p.s), nil }

type node struct {
	Next *node  `json:"next,omitempty"`
	Name string `json:"name"`
}

type kindString string

type everyForm struct {
	promoted
	*tagged
	Plain    string
	Hidden   string `json:"-"`
	Dash     string `json:"-,"` //nolint:staticcheck // a member of that name is what is tested
	Quoted   int    `json:"quoted,string"`
	Any      any    `json:"any"`
	NilSlice []string
	NilMap   map[string]int
	Bytes    []byte
	ByInt    map[int]string
	ByName   map[kindString]*int
	Array    [2]bool
	Float    float64
	Big      uint64
	Small    int64
	Tri      model.Tri
	Text     pointerText
	Zero     metav1.Time  `json:"zero,omitzero"`
	ZeroPtr  *metav1.Time `json:"zeroPtr,omitzero"`
	Empty    struct{}     `json:"empty,omitempty"`
}

func TestEncodeEqualsJSONOnOddForms(t *testing.T) {
	t.Parallel()
	one := 1
	form := everyForm{
		promoted: promoted{Name: "n", Depth: 3}, Plain: "<a href=\"x\">&\u2028", Hidden: "h", Dash: "d", Quoted: 7,
		Any: map[string]any{"a": []any{1, "b", nil, 2.5, true}}, Bytes: []byte{0, 1, 255}, ByInt: map[int]string{4: "four"},
		ByName: map[kindString]*int{"k": &one, "nil": nil}, Array: [2]bool{true, false}, Float: 1e21,
		Big: 1<<64 - 1, Small: -1 << 63, Tri: model.Yes, Text: pointerText{"t"},
	}
	withTagged := form
	withTagged.tagged = &tagged{Depth: "deep"}
	odd := struct {
		everyFormNoQuote
		List []any
	}{everyFormNoQuote{Invalid: "a\xff\xfeb", Float: 1.5}, []any{json.Number("12"), json.Number("1.50")}}
	cases := map[string]any{
		"nil": nil, "value": form, "pointer": &form, "embedded pointer": &withTagged, "no quoted field": &odd,
		"recursive": &node{Name: "a", Next: &node{Name: "b"}}, "nil pointer": (*node)(nil),
		"quantity": resource.MustParse("1500m"), "int": intstr.FromInt32(80), "string": intstr.FromString("http"),
		"bad int or string": intstr.IntOrString{Type: 9}, "time": metav1.NewTime(time.Unix(1, 0)),
		"unstructured": &unstructured.Unstructured{Object: map[string]any{"kind": "X", "n": int64(3), "f": 1.5}},
		"tri map":      map[string]model.Tri{"a": model.No}, "string map": map[string]string{"b\xff": "c"},
		"ref": model.Ref{Kind: "Service", Name: "web"}, "text pointer": &pointerText{"p"},
	}
	e := &encoder{}
	for name, x := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkEncoding(t, e, x)
		})
	}
}

type everyFormNoQuote struct {
	Invalid string
	Float   float32
	Skipped chan int `json:"-"`
	Self    *everyFormNoQuote
}

func TestEncodeRefusesWhatJSONRefuses(t *testing.T) {
	t.Parallel()
	e := &encoder{}
	if _, err := e.term(struct{ C chan int }{make(chan int)}); err == nil {
		t.Error("a channel was encoded")
	}
}

// filler sets random values, about half of all optional ones.
type filler struct{ rand *rand.Rand }

func (f filler) fill(v reflect.Value, depth int) {
	switch p := v.Addr().Interface().(type) {
	case *metav1.Time:
		*p = metav1.NewTime(time.Unix(f.rand.Int64N(1e9), 0))
		return
	case *metav1.MicroTime:
		*p = metav1.NewMicroTime(time.Unix(f.rand.Int64N(1e9), 5000))
		return
	case *resource.Quantity:
		*p = *resource.NewMilliQuantity(f.rand.Int64N(1e6), resource.DecimalSI)
		return
	case *intstr.IntOrString:
		*p = intstr.FromInt32(f.rand.Int32N(70000))
		if f.rand.IntN(2) == 0 {
			*p = intstr.FromString("http")
		}
		return
	case *metav1.FieldsV1:
		p.SetRawBytes([]byte(`{"f:a":{}}`))
		return
	case *runtime.RawExtension:
		p.Raw = []byte(`{"a":1}`)
		return
	}
	f.fillKind(v, depth)
}

func (f filler) fillKind(v reflect.Value, depth int) {
	if depth > 8 {
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(f.rand.IntN(2) == 0)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(f.rand.Int64N(1<<31) - 1<<30)
	case reflect.String:
		v.SetString([]string{"", "a", "web", "ä<&>", "x\xff"}[f.rand.IntN(5)])
	case reflect.Pointer:
		if f.rand.IntN(2) == 0 {
			v.Set(reflect.New(v.Type().Elem()))
			f.fill(v.Elem(), depth+1)
		}
	case reflect.Slice:
		n := f.rand.IntN(3)
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			f.fill(v.Index(i), depth+1)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range f.rand.IntN(3) {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			f.fill(key, depth+1)
			f.fill(value, depth+1)
			v.SetMapIndex(key, value)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				f.fill(v.Field(i), depth+1)
			}
		}
	default: // kinds that the API does not use stay zero
	}
}

func benchDeployment() *appsv1.Deployment {
	replicas := int32(3)
	labels := map[string]string{"app.kubernetes.io/name": "web", "app.kubernetes.io/instance": "web-1", "tier": "front"}
	return &appsv1.Deployment{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"},
		ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: "shop", Labels: labels},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas, Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{
					ServiceAccountName: "web",
					Containers: []corev1.Container{{
						Name: "web", Image: "example.com/web:1",
						Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: 8080, Protocol: corev1.ProtocolTCP}},
						Env:   []corev1.EnvVar{{Name: "A", Value: "1"}, {Name: "B", Value: "2"}},
						Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{
							"cpu": resource.MustParse("100m"), "memory": resource.MustParse("128Mi"),
						}},
						ReadinessProbe: &corev1.Probe{ProbeHandler: corev1.ProbeHandler{
							HTTPGet: &corev1.HTTPGetAction{Path: "/healthz", Port: intstr.FromString("http")},
						}},
					}},
				},
			},
		},
	}
}

func benchIngress() *networkingv1.Ingress {
	exact := networkingv1.PathTypePrefix
	class := "alb"
	ing := &networkingv1.Ingress{
		TypeMeta: metav1.TypeMeta{APIVersion: "networking.k8s.io/v1", Kind: "Ingress"},
		ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: "shop", Annotations: map[string]string{
			"alb.ingress.kubernetes.io/scheme": "internet-facing", "alb.ingress.kubernetes.io/target-type": "instance",
			"alb.ingress.kubernetes.io/listen-ports": `[{"HTTP":80}]`,
		}},
		Spec: networkingv1.IngressSpec{IngressClassName: &class},
	}
	for i := range 3 {
		ing.Spec.Rules = append(ing.Spec.Rules, networkingv1.IngressRule{
			Host: fmt.Sprintf("h%d.example.com", i),
			IngressRuleValue: networkingv1.IngressRuleValue{HTTP: &networkingv1.HTTPIngressRuleValue{Paths: []networkingv1.HTTPIngressPath{{
				Path: "/", PathType: &exact,
				Backend: networkingv1.IngressBackend{Service: &networkingv1.IngressServiceBackend{
					Name: "web", Port: networkingv1.ServiceBackendPort{Number: 80},
				}},
			}}}},
		})
	}
	return ing
}

func BenchmarkEncode(b *testing.B) {
	for name, object := range map[string]any{"deployment": benchDeployment(), "ingress": benchIngress()} {
		b.Run(name+"/typed", func(b *testing.B) {
			e := &encoder{}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.term(object); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/json", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := encodeByJSON(object); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
