"""Business processes that send mail: diagrams in BPMN 2.0, their instances, and the communication routes that they use."""
