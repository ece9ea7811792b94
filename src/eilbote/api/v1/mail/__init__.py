"""Messages over the API: handing in, looking, wishes, what was captured, bounces and suppressions."""
