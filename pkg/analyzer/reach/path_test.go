package reach_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/graph/graphtest"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/model"
)

// summarise writes an answer as "to: verdict; steps; reasons".
func summarise(answers []reach.Answer) []string {
	var out []string
	for _, a := range answers {
		text := fmt.Sprintf("%s: %s", a.To, a.Verdict)
		for _, s := range a.Through {
			text += fmt.Sprintf("; %s %s %s", s.Object.Ref().Name, s.At, s.What)
		}
		if len(a.Reasons) > 0 {
			text += "; " + strings.Join(a.Reasons, ", ")
		}
		out = append(out, text)
	}
	return out
}

const denyAll = "NetworkPolicy/x/p\nspec: {podSelector: {}}\n---\n"

func TestToService(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		objects string
		unknown []string // of the Service
		port    uint16
		want    []string
	}{
		"a number": {
			objects: "NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{ports: [{port: 8080}]}]}\n---\n" +
				"Service/x/s\nspec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}\n",
			port: 80,
			want: []string{"x/web[Pod]: open; s spec.ports[0] port 80 leads to 8080 of x/web[Pod]"},
		},
		"the port of the Service is not that of the pod": {
			objects: "NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{ports: [{port: 80}]}]}\n---\n" +
				"Service/x/s\nspec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}\n",
			port: 80,
			want: []string{"x/web[Pod]: blocked; s spec.ports[0] port 80 leads to 8080 of x/web[Pod]"},
		},
		"a name is the first port of that name and protocol": {
			objects: "NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{ports: [{port: 8081}]}]}\n---\n" +
				"Service/x/s\nspec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}\n",
			port: 80,
			want: []string{"x/web[Pod]: blocked; s spec.ports[0] port 80 leads to 8080 of x/web[Pod]"},
		},
		"a name that a pod does not have": {
			objects: "Service/x/s\nspec: {selector: {app: db}, ports: [{port: 80, targetPort: http}]}\n",
			port:    80,
			want:    []string{`x/s[Service]: blocked; x/db[Pod] has no port named "http"`},
		},
		"a headless Service maps no ports": {
			objects: "NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{ports: [{port: 80}]}]}\n---\n" +
				"Service/x/s\nspec: {clusterIP: None, selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}\n",
			port: 80,
			want: []string{"x/web[Pod]: open; s spec.ports[0] port 80 leads to 80 of x/web[Pod]"},
		},
		"the same node alone": {
			objects: "Service/x/s\nspec: {internalTrafficPolicy: Local, selector: {app: web}, ports: [{port: 80}]}\n",
			port:    80,
			want: []string{"x/web[Pod]: unknown; s spec.ports[0] port 80 leads to 80 of x/web[Pod]; " +
				"the Service leads to pods on the same node alone (internalTrafficPolicy), and which node a pod has is not known"},
		},
		"the same node alone, and pods on each": {
			objects: "DaemonSet/x/agent\nspec: {selector: {}, template: {metadata: {labels: {app: agent}}}}\n---\n" +
				"Service/x/s\nspec: {internalTrafficPolicy: Local, selector: {app: agent}, ports: [{port: 80}]}\n",
			port: 80,
			want: []string{"x/agent[DaemonSet]: open; s spec.ports[0] port 80 leads to 80 of x/agent[DaemonSet]"},
		},
		"the same node alone, and pods on some": {
			objects: "DaemonSet/x/agent\nspec: {selector: {}, template: {metadata: {labels: {app: agent}}, spec: {nodeSelector: {disk: ssd}}}}\n---\n" +
				"Service/x/s\nspec: {internalTrafficPolicy: Local, selector: {app: agent}, ports: [{port: 80}]}\n",
			port: 80,
			want: []string{"x/agent[DaemonSet]: unknown; s spec.ports[0] port 80 leads to 80 of x/agent[DaemonSet]; " +
				"the Service leads to pods on the same node alone (internalTrafficPolicy), and which node a pod has is not known"},
		},
		"the same node alone, by the pods' own names": {
			objects: "Service/x/s\nspec: {internalTrafficPolicy: Local, clusterIP: None, selector: {app: web}, ports: [{port: 80}]}\n",
			port:    80,
			want:    []string{"x/web[Pod]: open; s spec.ports[0] port 80 leads to 80 of x/web[Pod]"},
		},
		"the same node alone, and the pods are closed": {
			objects: denyAll + "Service/x/s\nspec: {internalTrafficPolicy: Local, selector: {app: web}, ports: [{port: 80}]}\n",
			port:    80,
			want:    []string{"x/web[Pod]: blocked; s spec.ports[0] port 80 leads to 80 of x/web[Pod]"},
		},
		"another name": {
			objects: "Service/x/s\nspec: {type: ExternalName, externalName: example.com, ports: [{port: 80}]}\n",
			port:    80,
			want:    []string{`x/s[Service]: unknown; the Service is another name for "example.com"`},
		},
		"no selector, as that of the API server": {
			objects: "Service/x/s\nspec: {ports: [{port: 80}]}\n",
			port:    80,
			want:    []string{"x/s[Service]: unknown; the input does not show what is behind the Service"},
		},
		"no pod": {
			objects: "Service/x/s\nspec: {selector: {app: none}, ports: [{port: 80}]}\n",
			port:    80,
			want:    []string{"x/s[Service]: blocked; the Service selects no pod"},
		},
		"no such port": {
			objects: "Service/x/s\nspec: {selector: {app: web}, ports: [{port: 80}]}\n",
			port:    81,
			want:    []string{"x/s[Service]: blocked; the Service has no such port"},
		},
		"a port that is no port": {
			objects: "Service/x/s\nspec: {selector: {app: web}, ports: [{port: 65616}]}\n",
			port:    80,
			want:    []string{"x/s[Service]: unknown; the ports of the Service are not all known"},
		},
		"a target that is no port": {
			objects: "Service/x/s\nspec: {selector: {app: web}, ports: [{port: 80, targetPort: 70000}]}\n",
			port:    80,
			want:    []string{"x/s[Service]: unknown; the port that the Service leads to is not known"},
		},
		"ports that are not fixed": {
			objects: "Service/x/s\nspec: {selector: {app: web}}\n",
			unknown: []string{"spec.ports"}, port: 80,
			want: []string{"x/s[Service]: unknown; the ports of the Service are not all known"},
		},
		"a port that is not fixed": {
			objects: "Service/x/s\nspec: {selector: {app: web}, ports: [{port: 81}, {}]}\n",
			unknown: []string{"spec.ports.1.port"}, port: 80,
			want: []string{"x/s[Service]: unknown; the ports of the Service are not all known"},
		},
		"perhaps a headless Service": {
			objects: "Service/x/s\nspec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}\n",
			unknown: []string{"spec.clusterIP"}, port: 80,
			want: []string{"x/s[Service]: unknown; the port that the Service leads to is not known"},
		},
		"a type that is not fixed": {
			objects: "Service/x/s\nspec: {selector: {app: web}, ports: [{port: 80}]}\n",
			unknown: []string{"spec.type"}, port: 80,
			want: []string{"x/s[Service]: unknown; the type of the Service is not known"},
		},
		"every workload": {
			objects: "NetworkPolicy/x/p\nspec: {podSelector: {matchLabels: {app: db}}}\n---\n" +
				"Service/x/s\nspec: {selector: {}, ports: [{port: 80}]}\n---\nService/x/t\nspec: {selector: {app: db}, ports: [{port: 80}]}\n",
			port: 80,
			want: []string{"x/s[Service]: unknown; the input does not show what is behind the Service"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphtest.Read(t, base+tt.objects, tt.unknown...)
			s, ok := g.Lookup(model.Ref{Kind: "Service", Namespace: "x", Name: "s"}).(*graph.Service)
			if !ok {
				t.Fatal("no Service")
			}
			e := reach.New(g)
			got := summarise(e.ToService(find(t, e, "y/job"), s, netset.PortRange(netset.TCP, tt.port, tt.port)))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestToIngress(t *testing.T) {
	t.Parallel()
	const (
		service = "Service/x/s\nspec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}\n---\n"
		alb     = "Ingress/x/i\nmetadata: {annotations: {alb.ingress.kubernetes.io/target-type: ip}}\nspec: {ingressClassName: alb, defaultBackend: {service: {name: s, port: {number: 80}}}}\n"
		steps   = "; i spec.defaultBackend.service leads to port 80 of x/s[Service]; s spec.ports[0] port 80 leads to 8080 of x/web[Pod]"
	)
	for name, tt := range map[string]struct{ objects, want string }{
		"nothing isolates the pods": {service + alb, "x/web[Pod]: open" + steps},
		"no address is admitted":    {denyAll + service + alb, "x/web[Pod]: blocked" + steps},
		"every address is admitted": {
			"NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}\n---\n" + service + alb,
			"x/web[Pod]: open" + steps,
		},
		"some addresses are admitted": {
			"NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}\n---\n" + service + alb,
			"x/web[Pod]: unknown" + steps + "; policies tell addresses apart, and which ones the load balancer has is not known",
		},
		"no address is admitted, but perhaps its own node": {
			denyAll + service + strings.Replace(alb, ": ip}", ": instance}", 1),
			"x/web[Pod]: unknown" + steps + "; the load balancer connects through a port of the nodes, and which node a pod has is not known",
		},
		"every address is admitted, and so are nodes": {
			"NetworkPolicy/x/p\nspec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}\n---\n" + service + strings.Replace(alb, ": ip}", ": instance}", 1),
			"x/web[Pod]: open" + steps,
		},
		"the world is admitted, which are no nodes": {
			"CiliumNetworkPolicy/x/p\nspec: {endpointSelector: {}, ingress: [{fromEntities: [world]}]}\n---\n" + service + strings.Replace(alb, ": ip}", ": instance}", 1),
			"x/web[Pod]: unknown" + steps + "; the load balancer connects through a port of the nodes, and which node a pod has is not known",
		},
		"a controller in pods": {
			denyAll + service + "Ingress/x/i\nspec: {ingressClassName: nginx, defaultBackend: {service: {name: s, port: {number: 80}}}}\n",
			"x/s[Service]: unknown; pods that the input does not name serve the Ingress",
		},
		"no such Service": {alb, "x/s[Service]: unknown; the input does not show the Service"},
		"no such port": {
			service + strings.Replace(alb, "80", "81", 1), "x/s[Service]: blocked; the Service has no such port",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphtest.Read(t, base+tt.objects)
			i, ok := g.Lookup(model.Ref{Group: "networking.k8s.io", Kind: "Ingress", Namespace: "x", Name: "i"}).(*graph.Ingress)
			if !ok {
				t.Fatal("no Ingress")
			}
			if diff := cmp.Diff([]string{tt.want}, summarise(reach.New(g).ToIngress(i))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
