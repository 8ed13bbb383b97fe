{{/* What objects of this release are called. */}}
{{- define "interposer.fullname" -}}
{{- if .Values.fullname -}}
{{ .Values.fullname }}
{{- else if contains .Chart.Name .Release.Name -}}
{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- end -}}
{{- end -}}

{{/* Of cluster-wide objects: two releases of one name in two namespaces are two. */}}
{{- define "interposer.clusterName" -}}
{{ .Release.Namespace }}-{{ include "interposer.fullname" . }}
{{- end -}}

{{/* What never changes of an object's labels. Takes a list: the root, the component. */}}
{{- define "interposer.selector" -}}
app.kubernetes.io/name: {{ (index . 0).Chart.Name }}
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/* Not managed-by: pods with the value interposer there are workers. */}}
{{- define "interposer.labels" -}}
{{ include "interposer.selector" . }}
app.kubernetes.io/version: {{ (index . 0).Chart.AppVersion | quote }}
helm.sh/chart: {{ (index . 0).Chart.Name }}-{{ (index . 0).Chart.Version }}
{{- end -}}

{{/* Takes a list: the root, the values of an image. */}}
{{- define "interposer.image" -}}
{{- $image := index . 1 -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ $image.tag | default (index . 0).Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "interposer.pullSecrets" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
{{- range . }}
- name: {{ . }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The headless service that gives each server its name. */}}
{{- define "interposer.servers" -}}
{{ include "interposer.fullname" . }}-servers
{{- end -}}

{{/* Where agents find all servers: only one of them leads, and a connection by one address for all may end at another. */}}
{{- define "interposer.addresses" -}}
{{- $root := . -}}
{{- $addresses := list -}}
{{- range $number := until (int .Values.scheduler.replicas) -}}
{{- $pod := printf "%s-%d" (include "interposer.fullname" $root) $number -}}
{{- $addresses = append $addresses (printf "%s.%s.%s.svc:%v" $pod (include "interposer.servers" $root) $root.Release.Namespace 7070) -}}
{{- end -}}
{{ join "," $addresses }}
{{- end -}}

{{/* By what names a server is dialled. */}}
{{- define "interposer.serverNames" -}}
{{- $service := printf "%s.%s.svc" (include "interposer.fullname" .) .Release.Namespace -}}
{{- $own := printf "$(POD_NAME).%s.%s.svc" (include "interposer.servers" .) .Release.Namespace -}}
{{- $names := list (include "interposer.fullname" .) (printf "%s.%s" (include "interposer.fullname" .) .Release.Namespace) $service $own -}}
{{ join "," (concat $names .Values.tls.extraNames) }}
{{- end -}}

{{- define "interposer.tokensSecret" -}}
{{ .Values.tokens.secretName | default (printf "%s-tokens" (include "interposer.fullname" .)) }}
{{- end -}}

{{- define "interposer.joinSecret" -}}
{{ .Values.agents.joinSecretName | default (printf "%s-join" (include "interposer.fullname" .)) }}
{{- end -}}

{{- define "interposer.postgresql" -}}
{{ include "interposer.fullname" . }}-postgresql
{{- end -}}

{{- define "interposer.passwordSecret" -}}
{{ .Values.postgresql.passwordSecretName | default (include "interposer.postgresql" .) }}
{{- end -}}

{{/* What a container needs that may do nothing but its work. */}}
{{- define "interposer.confined" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/* Whether the operator of Prometheus is to be told; empty for no. */}}
{{- define "interposer.monitored" -}}
{{- if or (eq .Values.serviceMonitor.enabled "always") (and (eq .Values.serviceMonitor.enabled "auto") (.Capabilities.APIVersions.Has "monitoring.coreos.com/v1/ServiceMonitor")) -}}
yes
{{- end -}}
{{- end -}}

{{/* A random text that is made once, and found again in the secret that it was put into. Takes: root, secret, key. */}}
{{- define "interposer.kept" -}}
{{- $root := index . 0 -}}
{{- $found := lookup "v1" "Secret" $root.Release.Namespace (index . 1) -}}
{{- if and $found (hasKey ($found.data | default dict) (index . 2)) -}}
{{ index $found.data (index . 2) | b64dec }}
{{- else -}}
{{ randAlphaNum 43 }}
{{- end -}}
{{- end -}}
