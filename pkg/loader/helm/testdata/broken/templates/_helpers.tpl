{{- define "broken.host" -}}
{{ .Values.ingress.host }}
{{- end }}
