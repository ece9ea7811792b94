"""Who asks for mail: flows, processes, notifications; they know nothing of one another."""
