"""From a draft to an envelope and a message: final octets that any SMTP server takes.

The front is :class:`eilbote.compose.composer.Composer`. The standard library's serializer is used nowhere:
its header injections are known and old interpreters keep them.
"""
