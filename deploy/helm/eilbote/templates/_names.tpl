{{- define "eilbote.name" -}}
{{- printf "%s-eilbote" .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- define "eilbote.selector" -}}
app.kubernetes.io/name: eilbote
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "eilbote.labels" -}}
{{ include "eilbote.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "eilbote.credentials" -}}
{{- with .Values.smtpEmailNotificationCredentials -}}
{{- if .existingSecret -}}{{ .existingSecret }}{{- else if .authType -}}{{ include "eilbote.name" $ }}-smtp{{- end -}}
{{- end -}}
{{- end -}}
