"""What happened, told once and heard by everybody who keeps account: the log, the counters, later the webhooks."""
