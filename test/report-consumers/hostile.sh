#!/usr/bin/env bash
# Writes manifests whose names and values are markup, commands and ends of things.
#
#   hostile.sh DIR
set -euo pipefail
cd "$1"
touch .ekslint.yaml

# write FILE VALUE: an Ingress with a value that the message of its finding quotes.
write() {
  cat >"$1" <<YAML
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  namespace: $n
  annotations:
    alb.ingress.kubernetes.io/scheme: $2
spec:
  ingressClassName: alb
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: alb}
spec: {controller: ingress.k8s.aws/alb}
YAML
}

n=a
for value in \
  '"<script>alert(1)</script>"' '"</details><img src=x onerror=alert(1)>"' '"a|b|c"' '"`a` ``b`` \\`"' \
  '"[a](javascript:alert(1)) ![b](https://example.com/b.png)"' '"https://example.com www.example.com @octocat #1"' \
  '"line\n::error file=x::no\r\n##[error]no"' '"%0A%25 :: , = %3A"' '"]]>&lt;&#60;<!-- -->"' '"\e[31m\x07\u202e\u2066"' \
  '"*a* _b_ ~~c~~ > # - + 1. \\"' '"日本語 😀 \ud7ff"' '"\uFFFE\uFFFF\x7f"' '"  "'; do
  write "$n.yaml" "$value"
  n+=a
done
value='"x"'
for name in 'a|b.yaml' 'a,b:c%25=d.yaml' 'a|b`c`.yaml' '<img src=x onerror=alert(1)>' '[a](javascript:b).yaml' 'javascript:alert(1).yaml' \
  $'two\nlines.yaml' '%0A::error::.yaml' 'a"b'"'"'c&d;.yaml' '#L1?x.yaml' ' blank .yaml' '😀é.yaml' '-- .yaml'; do
  mkdir -p "$n"
  write "$n/${name%.yaml}.yaml" "$value"
  n+=a
done
printf 'kind: [\n' >'broken|<b>`%0A.yaml'
