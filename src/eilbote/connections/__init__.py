"""Where to send and as whom: SMTP connections from fields, from a URI or from the catalogue of services."""
