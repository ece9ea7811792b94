"""The host over the API: settings of every scope, snapshots and health."""
