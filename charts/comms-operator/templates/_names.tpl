{{/* Name of the operator's objects. */}}
{{- define "comms-operator.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "comms-operator.serviceAccount" -}}
{{- if .Values.serviceAccount.name -}}
{{- .Values.serviceAccount.name -}}
{{- else if .Values.serviceAccount.create -}}
{{- include "comms-operator.name" . -}}
{{- else -}}
default
{{- end -}}
{{- end -}}

{{/* Room for the suffix within the 63 characters of a Service's name. */}}
{{- define "comms-operator.metricsService" -}}
{{- printf "%s-metrics" (include "comms-operator.name" . | trunc 55 | trimSuffix "-") -}}
{{- end -}}

{{- define "comms-operator.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "comms-operator.labels" -}}
{{ include "comms-operator.selector" . }}
app.kubernetes.io/component: operator
app.kubernetes.io/part-of: ocelot
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end -}}
