package graph_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/model"
)

func inEnv(name, value string) func(*corev1.PodTemplateSpec) {
	return func(t *corev1.PodTemplateSpec) {
		t.Spec.Containers = []corev1.Container{{Name: "c", Env: []corev1.EnvVar{{Name: name, Value: value}}}}
	}
}

func inArgs(args ...string) func(*corev1.PodTemplateSpec) {
	return func(t *corev1.PodTemplateSpec) { t.Spec.Containers = []corev1.Container{{Name: "c", Args: args}} }
}

func overUDP5353(s *corev1.Service) {
	s.Spec.Ports = append(s.Spec.Ports, corev1.ServicePort{Name: "mdns", Port: 5353, Protocol: corev1.ProtocolUDP})
}

// TestDependencies: which texts of a pod template name a port of a Service. The
// input has api, TCP port 8080 and UDP port 5353, and web, port 80, before the workload itself.
func TestDependencies(t *testing.T) {
	t.Parallel()
	const env, arg = "containers[0].env[0].value", "containers[0].args"
	for name, tt := range map[string]struct {
		edit func(*corev1.PodTemplateSpec)
		want []string
	}{
		"URL":                             {inEnv("API", "http://api:8080/v1"), []string{"api:8080 " + env}},
		"another scheme":                  {inEnv("API", "grpc://api:8080"), []string{"api:8080 " + env}},
		"jdbc":                            {inEnv("API", "jdbc:postgresql://api:8080/shop?ssl=true"), []string{"api:8080 " + env}},
		"with a password":                 {inEnv("API", "redis://user:secret@api:8080/0"), []string{"api:8080 " + env}},
		"port of the scheme, not there":   {inEnv("API", "http://api"), nil},
		"with the namespace":              {inEnv("API", "http://api.shop:8080"), []string{"api:8080 " + env}},
		"full name":                       {inEnv("API", "api.shop.svc.cluster.local:8080"), []string{"api:8080 " + env}},
		"full name with a dot at the end": {inEnv("API", "api.shop.svc.cluster.local.:8080"), []string{"api:8080 " + env}},
		"of another cluster":              {inEnv("API", "api.shop.svc.other.example.com:8080"), nil},
		"of a pod":                        {inEnv("API", "api-0.api.shop.svc:8080"), nil},
		"another namespace":               {inEnv("API", "http://api.other:8080"), nil},
		"a domain":                        {inEnv("API", "https://api.example.com:8080"), nil},
		"host and port alone":             {inEnv("API", "api:8080"), []string{"api:8080 " + env}},
		"host and port in a list":         {inEnv("API", "x,api:8080"), nil},
		"second of a list":                {inEnv("API", "x.shop:1,api.shop:8080"), []string{"api:8080 " + env}},
		"host alone":                      {inEnv("API", "api"), nil},
		"another port":                    {inEnv("API", "http://api:9090"), nil},
		"port of another protocol":        {inEnv("API", "http://api:5353"), nil},
		"no such port":                    {inEnv("API", "http://api:808080"), nil},
		"itself":                          {inEnv("SELF", "http://web:80"), nil},
		"exception of a proxy":            {inEnv("NO_PROXY", "api.shop:8080"), nil},
		"origin":                          {inEnv("CORS_ORIGINS", "http://api:8080"), nil},
		"placeholder":                     {inEnv("API", "http://api:${PORT}"), nil},
		"variable":                        {inEnv("API", "http://api:8080/$(TENANT)"), nil},
		"not a URL":                       {inEnv("API", "http://[api:8080"), nil},
		"flag":                            {inArgs("--api=http://api:8080"), []string{"api:8080 " + arg + "[0]"}},
		"value of a flag":                 {inArgs("--api", "http://api:8080"), []string{"api:8080 " + arg + "[1]"}},
		"issuer":                          {inArgs("--issuer", "http://api:8080"), nil},
		"image in an argument":            {inArgs("run", "api:8080"), nil},
		"command line":                    {inArgs("wget -q http://api:8080 && echo ok"), []string{"api:8080 " + arg + "[0]"}},
		"named twice":                     {inArgs("http://api:8080", "http://api:8080/v2"), []string{"api:8080 " + arg + "[0]"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			port := func(n int32) func(*corev1.Service) {
				return func(s *corev1.Service) { s.Spec.Ports = []corev1.ServicePort{{Port: n}} }
			}
			g := graphFrom(model.Scope{}, newWorkload("web", labels{"app": "web"}, tt.edit),
				newService("api", labels{"app": "api"}, port(8080), overUDP5353), newService("web", labels{"app": "web"}, port(80)))
			w := deployment(t, g, "web")
			var got []string
			for _, d := range g.Dependencies(w) {
				at := d.At[len(w.PathTo("spec")):]
				got = append(got, fmt.Sprintf("%s:%d %s", d.Service.Ref().Name, d.Number, at))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestDependencyPort: a headless Service does not change the port.
func TestDependencyPort(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		clusterIP string
		want      int32
	}{"ClusterIP": {"", 9000}, "headless": {corev1.ClusterIPNone, 80}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService("api", labels{"app": "api"}, func(s *corev1.Service) {
				s.Spec.ClusterIP = tt.clusterIP
				s.Spec.Ports = []corev1.ServicePort{{Port: 80}}
				s.Spec.Ports[0].TargetPort.IntVal = 9000
			})
			g := graphFrom(model.Scope{}, newWorkload("api", labels{"app": "api"}), s)
			d := graph.Dependency{Service: theService(t, g, "api"), Number: 80}
			if got, known := d.Port(deployment(t, g, "api")); got != tt.want || known != model.Yes {
				t.Errorf("port is %d, %s; want %d", got, known, tt.want)
			}
		})
	}
}
