{{/* What the pods are selected by. */}}
{{- define "selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "labels" -}}
{{ include "selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "metadata" -}}
name: {{ .Release.Name }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "labels" . | nindent 2 }}
{{- end }}

{{/* Set when the webhook makes its certificate itself. */}}
{{- define "bootstraps" -}}
{{- if not (or .Values.certificates.certManager.enabled .Values.certificates.existingSecret) }}true{{ end }}
{{- end }}

{{/* Set when the webhook reads or writes something in its own namespace. */}}
{{- define "reads" -}}
{{- if or (include "bootstraps" .) .Values.aws.configMap .Values.audit.interval }}true{{ end }}
{{- end }}

{{/* The Secret with the certificate. */}}
{{- define "secret" -}}
{{ .Values.certificates.existingSecret | default (printf "%s-certs" .Release.Name) }}
{{- end }}
